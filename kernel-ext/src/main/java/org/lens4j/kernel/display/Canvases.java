package org.lens4j.kernel.display;

import java.io.PrintWriter;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/** Where a {@link ProgressBar} is drawn when there is no notebook. */
public final class Canvases {
    /** How often a log gets a line. */
    private static final long LOG_NANOS = TimeUnit.SECONDS.toNanos(10);

    private Canvases() {}

    /** Nowhere. */
    public static ProgressBar.Canvas none() {
        return new ProgressBar.Canvas() {
            @Override
            public void draw(String line) {}

            @Override
            public void end(String line) {}
        };
    }

    /** A terminal: each line is written over the one before it. */
    public static ProgressBar.Canvas terminal(PrintWriter to) {
        return new ProgressBar.Canvas() {
            private int width;

            @Override
            public void draw(String line) {
                to.print("\r" + line + " ".repeat(Math.max(0, width - line.length())));
                to.flush();
                width = line.length();
            }

            @Override
            public void end(String line) {
                draw(line);
                to.println();
            }
        };
    }

    /** A log file or a pipe: a line now and then, and the last one. */
    public static ProgressBar.Canvas log(PrintWriter to) {
        return log(to, System::nanoTime);
    }

    static ProgressBar.Canvas log(PrintWriter to, LongSupplier nanoTime) {
        return new ProgressBar.Canvas() {
            private long printedAt = nanoTime.getAsLong();

            @Override
            public void draw(String line) {
                if (nanoTime.getAsLong() - printedAt >= LOG_NANOS) {
                    end(line);
                }
            }

            @Override
            public void end(String line) {
                printedAt = nanoTime.getAsLong();
                to.println(line);
            }
        };
    }
}
