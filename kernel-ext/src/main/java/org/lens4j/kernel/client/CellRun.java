package org.lens4j.kernel.client;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What one cell did.
 *
 * @param status how it ended
 * @param executionCount the number in the brackets beside the cell; 0 where the kernel gave none
 * @param outputs every published message, in order
 * @param took from the request to the last message
 */
public record CellRun(Status status, int executionCount, List<Output> outputs, Duration took) {

    /** How a cell ended. */
    public enum Status {
        OK,
        ERROR,
        /** Not run, because an earlier cell in the kernel's queue failed. */
        ABORTED,
        /** Interrupted by the client when its time was over. */
        TIMED_OUT
    }

    public CellRun {
        outputs = List.copyOf(outputs);
    }

    /** The error output, where there is one. */
    public Optional<Output.ErrorOutput> error() {
        return all(Output.ErrorOutput.class).stream().findFirst();
    }

    /** The value of the last expression, where there is one. */
    public Optional<Output.ExecuteResult> result() {
        return all(Output.ExecuteResult.class).stream().findFirst();
    }

    /** The text/plain of the value of the last expression; empty where there is none. */
    public String resultText() {
        return result().flatMap(r -> r.text("text/plain")).orElse("");
    }

    /** All text printed to the stream of this name ({@code stdout} or {@code stderr}). */
    public String printed(String name) {
        StringBuilder text = new StringBuilder();
        for (Output.Stream s : all(Output.Stream.class)) {
            if (s.name().equals(name)) {
                text.append(s.text());
            }
        }
        return text.toString();
    }

    /** The outputs of this type, in order. */
    public <T extends Output> List<T> all(Class<T> type) {
        return outputs.stream().filter(type::isInstance).map(type::cast).toList();
    }

    /**
     * The outputs as a notebook file keeps them: neighbouring streams joined, what was cleared removed, what was updated
     * replaced. Updates of an earlier cell's display are not in it; find those in {@link #outputs}.
     */
    public List<Output> folded() {
        List<Output> kept = new ArrayList<>();
        boolean clearNext = false;
        for (Output output : outputs) {
            if (output instanceof Output.ClearOutput clear) {
                clearNext = clear.whenNextComes();
                if (!clearNext) {
                    kept.clear();
                }
                continue;
            }
            if (output instanceof Output.UpdateDisplay update) {
                kept.replaceAll(old -> updated(old, update));
                continue;
            }
            if (clearNext) {
                kept.clear();
                clearNext = false;
            }
            append(kept, output);
        }
        return List.copyOf(kept);
    }

    private static Output updated(Output old, Output.UpdateDisplay update) {
        if (old instanceof Output.DisplayData shown && shown.displayId().equals(Optional.of(update.displayId()))) {
            return new Output.DisplayData(update.data(), update.metadata(), shown.displayId());
        }
        return old;
    }

    private static void append(List<Output> kept, Output output) {
        int last = kept.size() - 1;
        if (output instanceof Output.Stream now
                && last >= 0
                && kept.get(last) instanceof Output.Stream before
                && before.name().equals(now.name())) {
            kept.set(last, new Output.Stream(now.name(), before.text() + now.text()));
        } else {
            kept.add(output);
        }
    }
}
