package org.lens4j.cli;

import java.io.PrintWriter;
import java.util.function.Supplier;
import org.lens4j.hub.Progress;
import org.lens4j.kernel.display.Canvases;
import org.lens4j.kernel.display.DownloadBars;
import org.lens4j.kernel.display.ProgressBar;
import org.lens4j.kernel.display.WorkBars;
import org.lens4j.load.LoadListener;

/** Progress bars of a verb's model, downloaded and read, and the line that is said when the user stops it. */
final class Downloading implements AutoCloseable {
    /** Set by the launcher, which alone can ask whether standard error is a terminal. */
    private static final String TERMINAL = "lens.terminal";

    private final DownloadBars bars;
    private final LoadListener loads;
    private final Thread stopped = new Thread(this::end, "end-progress");

    private Downloading(Supplier<ProgressBar.Canvas> canvases) {
        this.bars = new DownloadBars(canvases);
        this.loads = new WorkBars(canvases).loads();
    }

    /** Draws to standard error; Ctrl-C ends the line before the program ends. */
    static Downloading begin(PrintWriter err) {
        Downloading downloading = new Downloading(() -> canvas(err));
        Runtime.getRuntime().addShutdownHook(downloading.stopped);
        return downloading;
    }

    /** Where one bar is drawn. */
    static ProgressBar.Canvas canvas(PrintWriter err) {
        return Boolean.getBoolean(TERMINAL) ? Canvases.terminal(err) : Canvases.log(err);
    }

    Progress progress() {
        return bars;
    }

    /** Told how far the weights are read. */
    LoadListener loads() {
        return loads;
    }

    private void end() {
        bars.close();
        loads.ended("");
    }

    @Override
    public void close() {
        end();
        try {
            Runtime.getRuntime().removeShutdownHook(stopped);
        } catch (IllegalStateException ending) {
            // The program is ending already, and the hook runs.
        }
    }
}
