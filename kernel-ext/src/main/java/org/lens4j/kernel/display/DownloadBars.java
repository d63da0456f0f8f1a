package org.lens4j.kernel.display;

import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.lens4j.hub.Progress;

/**
 * A progress bar for each file of a download. Files of a few kilobytes are there before one could read their names, so they
 * get none.
 */
public final class DownloadBars implements Progress, AutoCloseable {
    /** Bytes below which a file has no bar. */
    private static final long SMALL = 100_000;

    private final Supplier<ProgressBar.Canvas> canvases;
    private final LongSupplier nanoTime;
    private Optional<Bar> current = Optional.empty();

    private record Bar(String file, ProgressBar bar) {}

    /**
     * Bars that begin when their files do.
     *
     * @param canvases one for each bar
     * @param nanoTime a clock, in nanoseconds
     */
    public DownloadBars(Supplier<ProgressBar.Canvas> canvases, LongSupplier nanoTime) {
        this.canvases = canvases;
        this.nanoTime = nanoTime;
    }

    @Override
    public synchronized void at(String file, long done, OptionalLong total) {
        if (total.isPresent() && total.getAsLong() < SMALL) {
            return;
        }
        if (current.filter(it -> it.file().equals(file)).isEmpty()) {
            close();
            ProgressBar bar = new ProgressBar(file, total, "B", canvases.get(), nanoTime);
            current = Optional.of(new Bar(file, bar.resumedAt(done)));
        }
        current.ifPresent(it -> it.bar().at(done, total));
    }

    @Override
    public void end(String file) {
        close();
    }

    /** Ends the bar that is drawn, where it stands. */
    @Override
    public synchronized void close() {
        current.map(Bar::bar).ifPresent(ProgressBar::close);
        current = Optional.empty();
    }
}
