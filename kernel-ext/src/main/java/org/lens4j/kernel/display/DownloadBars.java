package org.lens4j.kernel.display;

import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Function;
import java.util.function.Supplier;
import org.lens4j.hub.Progress;

/**
 * A progress bar for each file of a download that takes a while.
 */
public final class DownloadBars implements Progress, AutoCloseable {
    private final Function<String, ProgressBar> begin;
    private Optional<Bar> current = Optional.empty();

    private record Bar(String file, ProgressBar bar) {}

    /**
     * Bars that begin when their files do.
     *
     * @param canvases one for each bar
     */
    public DownloadBars(Supplier<ProgressBar.Canvas> canvases) {
        this(file -> ProgressBar.of(file, OptionalLong.empty(), "B", canvases.get()));
    }

    /** Bars that are made so for a file. */
    DownloadBars(Function<String, ProgressBar> begin) {
        this.begin = begin;
    }

    @Override
    public synchronized void at(String file, long done, OptionalLong total) {
        if (current.filter(it -> it.file().equals(file)).isEmpty()) {
            close();
            current = Optional.of(new Bar(file, begin.apply(file).resumedAt(done)));
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
