package org.lens4j.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.lens4j.harvest.Harvest;
import org.lens4j.harvest.HarvestListener;
import org.lens4j.harvest.Harvested;
import org.lens4j.kernel.display.HarvestBar;

/** A harvest of a verb: its progress bar, and a clean end when the user presses Ctrl-C. */
final class Harvesting implements AutoCloseable {
    /** How long a batch may take to end after Ctrl-C; what is cut off then is lost, and nothing else. */
    private static final int PATIENCE_SECONDS = 30;

    private final HarvestBar bar;
    private final PrintWriter out;
    private final PrintWriter err;
    private final CountDownLatch ended = new CountDownLatch(1);
    private final Thread hook = new Thread(this::stop, "end-harvest");
    private volatile boolean stops;

    private Harvesting(PrintWriter out, PrintWriter err) {
        this.out = out;
        this.err = err;
        this.bar = new HarvestBar(Downloading.canvas(err));
    }

    /** Says the end to {@code out} and draws to {@code err}. */
    static Harvesting begin(PrintWriter out, PrintWriter err) {
        Harvesting harvesting = new Harvesting(out, err);
        Runtime.getRuntime().addShutdownHook(harvesting.hook);
        return harvesting;
    }

    Harvested run(Harvest harvest, Path folder) throws IOException {
        HarvestListener listener = bar.listener(() -> stops);
        try (bar) {
            Harvested harvested = harvest.into(folder, listener);
            bar.close();
            // Here and not in the verb: where the user stopped it, the program ends with the countdown below.
            out.println(harvested);
            return harvested;
        } finally {
            ended.countDown();
        }
    }

    /** Runs while the program ends, which waits for it. */
    private void stop() {
        stops = true;
        try {
            if (!ended.await(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                err.println("The last batch was cut off. The same command goes on behind the last whole file.");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException ending) {
            // The program is ending already, and the hook runs.
        }
    }
}
