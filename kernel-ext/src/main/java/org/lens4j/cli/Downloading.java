package org.lens4j.cli;

import java.io.PrintWriter;
import java.util.function.Supplier;
import org.lens4j.hub.Progress;
import org.lens4j.kernel.display.Canvases;
import org.lens4j.kernel.display.DownloadBars;
import org.lens4j.kernel.display.ProgressBar;

/** Progress bars of a verb, and the line that is said when the user stops it. */
final class Downloading implements AutoCloseable {
    /** Set by the launcher, which alone can ask whether standard error is a terminal. */
    private static final String TERMINAL = "lens.terminal";

    private final DownloadBars bars;
    private final Thread stopped;

    private Downloading(DownloadBars bars, Thread stopped) {
        this.bars = bars;
        this.stopped = stopped;
    }

    /** Draws to standard error; Ctrl-C ends the line before the program ends. */
    static Downloading begin(PrintWriter err) {
        Supplier<ProgressBar.Canvas> canvases = () -> canvas(err);
        DownloadBars bars = new DownloadBars(canvases);
        Thread stopped = new Thread(bars::close, "end-progress");
        Runtime.getRuntime().addShutdownHook(stopped);
        return new Downloading(bars, stopped);
    }

    /** Where one bar is drawn. */
    static ProgressBar.Canvas canvas(PrintWriter err) {
        return Boolean.getBoolean(TERMINAL) ? Canvases.terminal(err) : Canvases.log(err);
    }

    Progress progress() {
        return bars;
    }

    @Override
    public void close() {
        bars.close();
        try {
            Runtime.getRuntime().removeShutdownHook(stopped);
        } catch (IllegalStateException ending) {
            // The program is ending already, and the hook runs.
        }
    }
}
