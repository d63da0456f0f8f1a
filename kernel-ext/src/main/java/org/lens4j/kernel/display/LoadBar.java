package org.lens4j.kernel.display;

import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.BiFunction;
import java.util.function.Supplier;
import org.lens4j.load.LoadListener;

/** A progress bar for each model of some size whose weights are read into memory, in bytes of float32. */
final class LoadBar implements LoadListener {
    /** Less is read at once: what takes time then is that the native library starts, and that is no reading. */
    static final long LEAST_BYTES = 32_000_000;

    private final BiFunction<String, Long, ProgressBar> begin;
    private Optional<ProgressBar> bar = Optional.empty();

    /**
     * Bars that begin when the reading does.
     *
     * @param canvases one for each bar
     */
    LoadBar(Supplier<ProgressBar.Canvas> canvases) {
        this((model, bytes) -> ProgressBar.of("reading " + model, OptionalLong.of(bytes), "B", canvases.get()));
    }

    /** Bars that are made so for a model and its bytes. */
    LoadBar(BiFunction<String, Long, ProgressBar> begin) {
        this.begin = begin;
    }

    @Override
    public synchronized void read(String model, long done, long of) {
        if (of < LEAST_BYTES) {
            return;
        }
        ProgressBar reading = bar.orElseGet(() -> begin.apply(model, of));
        bar = Optional.of(reading);
        reading.at(done);
    }

    /** An interrupted load leaves its bar where it stood, and the next load has its own. */
    @Override
    public synchronized void ended(String model) {
        bar.ifPresent(ProgressBar::close);
        bar = Optional.empty();
    }
}
