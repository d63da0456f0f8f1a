package org.lens4j.kernel.display;

import java.io.PrintWriter;

/** Where a {@link ProgressBar} is drawn when there is no notebook. */
public final class Canvases {
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

    /** A log file or a pipe: the last line only. */
    public static ProgressBar.Canvas log(PrintWriter to) {
        return new ProgressBar.Canvas() {
            @Override
            public void draw(String line) {}

            @Override
            public void end(String line) {
                to.println(line);
            }
        };
    }
}
