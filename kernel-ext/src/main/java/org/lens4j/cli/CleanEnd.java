package org.lens4j.cli;

import java.io.PrintWriter;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * A clean end of long work when the user presses Ctrl-C: the work is asked to stop, and the program, which is ending, waits
 * until this is closed. So whatever is to be said or written about the work comes before.
 *
 * <pre>{@code
 * try (CleanEnd end = CleanEnd.begin(err, "The last batch was cut off.")) {
 *     write(work(end::stops));
 * }
 * }</pre>
 */
final class CleanEnd implements AutoCloseable {
    /** How long a step of the work and its output may take after Ctrl-C. */
    private static final int PATIENCE_SECONDS = 30;

    private final PrintWriter err;
    private final String cutOff;
    private final CountDownLatch ended = new CountDownLatch(1);
    private final Thread hook = new Thread(this::stop, "clean-end");
    private volatile boolean stops;

    private CleanEnd(PrintWriter err, String cutOff) {
        this.err = err;
        this.cutOff = cutOff;
    }

    /**
     * From now on.
     *
     * @param cutOff what is said where the work does not stop in time
     */
    static CleanEnd begin(PrintWriter err, String cutOff) {
        CleanEnd end = new CleanEnd(err, cutOff);
        Runtime.getRuntime().addShutdownHook(end.hook);
        return end;
    }

    /** Whether the work is to stop. */
    boolean stops() {
        return stops;
    }

    /** Runs while the program ends, which waits for it. */
    private void stop() {
        stops = true;
        try {
            if (!ended.await(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                err.println(cutOff);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        ended.countDown();
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException ending) {
            // The program is ending already, and the hook runs.
        }
    }
}
