package org.lens4j.kernel.magic;

import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.lens4j.generate.GenerateListener;
import org.lens4j.generate.StopReason;
import org.lens4j.kernel.display.MimeBundle;

/**
 * Shows the text of the first row as it is written, from half a second on and at most ten times a second; at the end one line
 * says how fast it was. Stops when the user asks for it.
 */
final class WritingInCell implements GenerateListener, AutoCloseable {
    private static final long SHORT = TimeUnit.MILLISECONDS.toNanos(500);
    private static final long BEAT = TimeUnit.MILLISECONDS.toNanos(100);

    private final Host host;
    private final LongSupplier nanoTime;
    private final long began;
    private final StringBuilder text;
    private Optional<String> display = Optional.empty();
    private long drawn;
    private int tokens;

    /**
     * Begins now.
     *
     * @param prompt what stands before it
     * @param nanoTime a clock, in nanoseconds
     */
    WritingInCell(Host host, String prompt, LongSupplier nanoTime) {
        this.host = host;
        this.nanoTime = nanoTime;
        this.text = new StringBuilder(prompt);
        this.began = nanoTime.getAsLong();
        this.drawn = began + SHORT - BEAT;
    }

    @Override
    public void token(Written token) {
        tokens++;
        if (token.row() == 0) {
            text.append(token.text());
        }
        long now = nanoTime.getAsLong();
        if (now - drawn >= BEAT) {
            drawn = now;
            show(text + "▌");
        }
    }

    @Override
    public void ended(int row, String rest, StopReason reason) {
        if (row == 0) {
            text.append(rest);
        }
    }

    @Override
    public boolean stops() {
        return host.interrupted();
    }

    private void show(String line) {
        MimeBundle bundle = MimeBundle.text(line);
        if (display.isPresent()) {
            host.update(display.get(), bundle);
        } else {
            display = Optional.of(host.displayUpdatable(bundle));
        }
    }

    /** Puts how fast it was in place of the text, which the result shows. */
    @Override
    public void close() {
        if (display.isPresent()) {
            double seconds = (nanoTime.getAsLong() - began) / 1e9;
            show(String.format(Locale.ROOT, "%d tokens in %.1f s, %.1f tokens/s", tokens, seconds, tokens / seconds));
        }
    }
}
