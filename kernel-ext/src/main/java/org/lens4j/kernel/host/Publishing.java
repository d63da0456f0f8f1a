package org.lens4j.kernel.host;

import io.github.spencerpark.jupyter.kernel.display.DisplayData;
import io.github.spencerpark.jupyter.messages.ContentType;
import io.github.spencerpark.jupyter.messages.Message;
import io.github.spencerpark.jupyter.messages.MessageContext;
import io.github.spencerpark.jupyter.messages.publish.PublishDisplayData;
import io.github.spencerpark.jupyter.messages.publish.PublishStream;
import io.github.spencerpark.jupyter.messages.publish.PublishUpdateDisplayData;
import java.io.PrintStream;
import java.util.Optional;
import java.util.function.BiConsumer;
import org.lens4j.kernel.display.MimeBundle;

/**
 * What cells print and show, sent as belonging to the cell that runs. What a background thread prints later belongs to
 * the last cell that ran; before the first one there is nobody to tell.
 */
final class Publishing implements Screen {
    private record Target(Outbox outbox, MessageContext cell) {}

    private volatile Optional<Outbox> outbox = Optional.empty();
    private volatile Optional<Target> target = Optional.empty();
    private final PrintStream out = CellStream.of(text -> print(PublishStream.StreamType.OUT, text), this::flush);
    private final PrintStream err = CellStream.of(text -> print(PublishStream.StreamType.ERR, text), this::flush);

    void through(Outbox box) {
        outbox = Optional.of(box);
    }

    /** From now on everything belongs to this request. */
    void begin(MessageContext cell) {
        flush();
        target = outbox.map(box -> new Target(box, cell));
    }

    PrintStream out() {
        return out;
    }

    PrintStream err() {
        return err;
    }

    private void print(PublishStream.StreamType stream, String text) {
        target.ifPresent(t -> t.outbox().print(t.cell(), stream, text));
    }

    void flush() {
        outbox.ifPresent(Outbox::flush);
    }

    private <T extends ContentType<T>> void publish(T content) {
        BiConsumer<Outbox, MessageContext> send =
                (box, cell) -> box.sendMessage(new Message<>(cell, content.getType(), content));
        target.ifPresent(t -> send.accept(t.outbox(), t.cell()));
    }

    void display(DisplayData data) {
        publish(new PublishDisplayData(data));
    }

    @Override
    public void display(MimeBundle bundle, Optional<String> displayId) {
        DisplayData data = ExecuteReplies.displayData(bundle);
        displayId.ifPresent(data::setDisplayId);
        display(data);
    }

    @Override
    public void update(MimeBundle bundle, String displayId) {
        DisplayData data = ExecuteReplies.displayData(bundle);
        data.setDisplayId(displayId);
        publish(new PublishUpdateDisplayData(data));
    }
}
