package org.lens4j.kernel.display;

import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Supplier;
import org.lens4j.load.LoadListener;

/** A progress bar for each model whose weights are read into memory, in bytes of float32. */
final class LoadBar implements LoadListener {
    private final Supplier<ProgressBar.Canvas> canvases;
    private Optional<ProgressBar> bar = Optional.empty();

    LoadBar(Supplier<ProgressBar.Canvas> canvases) {
        this.canvases = canvases;
    }

    @Override
    public synchronized void read(String model, long done, long of) {
        ProgressBar reading = bar.orElseGet(
                () -> new ProgressBar("reading " + model, OptionalLong.of(of), "B", canvases.get(), System::nanoTime));
        reading.at(done);
        bar = Optional.of(reading);
        if (done >= of) {
            reading.close();
            bar = Optional.empty();
        }
    }
}
