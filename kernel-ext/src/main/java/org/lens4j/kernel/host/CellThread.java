package org.lens4j.kernel.host;

import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/**
 * The one thread that runs cells, so that thread-bound state (autograd modes, locks) lasts from cell to cell, and the
 * way to stop what runs on it.
 *
 * <p>An interrupt reaches the thread only while code of the cell runs. During compilation it would close the files of
 * the compiler; it is kept back until then.
 */
final class CellThread implements LiveExecution.Gate {
    private static final long STACK_BYTES = 64L << 20;
    private static final long GRACE_MS = 500;
    private static final long AGAIN_MS = 200;

    private final ExecutorService executor = Executors.newSingleThreadExecutor(this::thread);
    private Thread thread = Thread.currentThread();
    /** Cells given to the thread that have not ended: one may wait for the session to be made. */
    private int cells;

    private boolean running;
    private boolean stopRequested;
    private boolean stopped;
    private int inside;
    private long runs;

    /** Something to do that may fail. */
    interface Action {
        void run() throws Exception;
    }

    private Thread thread(Runnable work) {
        Thread created = new Thread(null, work, "cell", STACK_BYTES);
        created.setDaemon(true);
        synchronized (this) {
            thread = created;
        }
        return created;
    }

    /** Does something on the thread that is not a cell and cannot be stopped. */
    <T> Future<T> submit(Callable<T> work) {
        return executor.submit(work);
    }

    /** Runs a cell on the thread; {@code afterwards} always comes last. */
    <T> Future<T> run(Callable<T> cell, Runnable afterwards) {
        expect();
        return executor.submit(() -> {
            begin();
            try {
                return cell.call();
            } finally {
                end();
                afterwards.run();
            }
        });
    }

    private synchronized void expect() {
        if (cells == 0) {
            stopRequested = false;
        }
        cells++;
    }

    private synchronized void begin() {
        running = true;
        inside = 0;
        runs++;
    }

    private synchronized void end() {
        cells--;
        running = false;
        inside = 0;
        Thread.interrupted();
    }

    @Override
    public synchronized void enter() throws InterruptedException {
        if (running && stopRequested) {
            throw new InterruptedException("The cell was stopped.");
        }
        inside++;
    }

    @Override
    public synchronized void leave() {
        inside--;
        if (inside == 0) {
            Thread.interrupted();
        }
    }

    /** Between here and {@link #resume} code of the cell does not run, though it is not at its end. */
    synchronized void pause() {
        leave();
    }

    /** Code of the cell goes on; an interrupt that was kept back meanwhile reaches it. */
    synchronized void resume() {
        inside++;
        if (running && stopRequested) {
            thread.interrupt();
        }
    }

    /** Whether the user asked to stop the running cell. */
    synchronized boolean stopRequested() {
        return stopRequested;
    }

    /** Whether loops were ended by force since this was asked last. */
    synchronized boolean takeStopped() {
        boolean was = stopped;
        stopped = false;
        return was;
    }

    void throwIfStopRequested() {
        if (stopRequested()) {
            throw new CancellationException("The cell was stopped.");
        }
    }

    /** Asks the running cell to stop: first politely, then, if its own code is still running, by ending its loops. */
    synchronized void stop(Action stopper) {
        if (cells == 0) {
            return;
        }
        stopRequested = true;
        if (!running) {
            return;
        }
        if (inside > 0) {
            thread.interrupt();
        }
        Thread insisting = new Thread(() -> insist(stopper), "cell-stop");
        insisting.setDaemon(true);
        insisting.start();
    }

    private void insist(Action stopper) {
        long run = currentRun();
        try {
            TimeUnit.MILLISECONDS.sleep(GRACE_MS);
            while (isStillRunning(run)) {
                end(stopper, run);
                TimeUnit.MILLISECONDS.sleep(AGAIN_MS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private synchronized void end(Action stopper, long run) {
        if (!isStillRunning(run) || inside == 0) {
            return;
        }
        try {
            stopped = true;
            stopper.run();
        } catch (Exception e) {
            System.err.println("The cell cannot be stopped by force: " + e.getMessage());
        }
    }

    private synchronized long currentRun() {
        return runs;
    }

    private synchronized boolean isStillRunning(long run) {
        return running && runs == run;
    }

    /** Does something last, after the running cell; where that does not end in a while, gives up on the thread. */
    void close(Action last) {
        Future<?> unused = executor.submit(() -> {
            last.run();
            return "";
        });
        executor.shutdown();
        try {
            if (!executor.awaitTermination(GRACE_MS * 2, TimeUnit.MILLISECONDS)) {
                executor.shutdownNow();
            }
        } catch (InterruptedException e) {
            executor.shutdownNow();
            Thread.currentThread().interrupt();
        }
    }
}
