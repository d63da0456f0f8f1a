package org.lens4j.kernel.display;

import java.util.Locale;
import java.util.OptionalLong;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.lens4j.analysis.patching.PatchListener;
import org.lens4j.analysis.patching.PatchProgress;
import org.lens4j.harvest.HarvestListener;
import org.lens4j.hub.Progress;
import org.lens4j.load.LoadListener;
import org.lens4j.train.TrainProgress;

/**
 * Progress bars for the library's long work, each a listener the work takes. Loads and downloads of the session have theirs
 * already; in a notebook this is the variable {@code bars}.
 *
 * <pre>{@code
 * ActivationPatch.of(model, pairs, metric).withListener(bars.patches()).run(site);
 * new TrainLoop(model, config).run(lessons, bars.training());
 * }</pre>
 */
public final class WorkBars {
    private final Supplier<ProgressBar.Canvas> canvases;

    /**
     * Bars that are drawn there.
     *
     * @param canvases one for each bar
     */
    public WorkBars(Supplier<ProgressBar.Canvas> canvases) {
        this.canvases = canvases;
    }

    private ProgressBar bar(String label, String unit) {
        return new ProgressBar(label, OptionalLong.empty(), unit, canvases.get(), System::nanoTime);
    }

    /** A bar for each file of a download. */
    public Progress downloads() {
        return new DownloadBars(canvases);
    }

    /** A bar for each load. */
    public LoadListener loads() {
        return new LoadBar(canvases);
    }

    /** The bar of one sweep of patches. */
    public PatchListener patches() {
        ProgressBar bar = bar("patches", "");
        return (PatchProgress it) -> {
            bar.at(it.done(), OptionalLong.of(it.of()));
            if (it.isComplete()) {
                bar.close();
            }
        };
    }

    /** The bar of one harvest, in tokens. */
    public HarvestListener harvest() {
        return new HarvestBar(() -> bar("harvest", "tok")).listener(() -> false);
    }

    /** The bar of one training, in steps, with the loss behind it. */
    public Consumer<TrainProgress> training() {
        ProgressBar bar = bar("train", "step");
        return it -> {
            bar.note(String.format(Locale.ROOT, "loss %.3f", it.loss()));
            bar.at(it.step(), OptionalLong.of(it.steps()));
            if (it.step() >= it.steps()) {
                bar.close();
            }
        };
    }
}
