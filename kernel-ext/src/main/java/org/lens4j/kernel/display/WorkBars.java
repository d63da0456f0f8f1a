package org.lens4j.kernel.display;

import java.util.Locale;
import java.util.OptionalLong;
import java.util.function.Supplier;
import org.lens4j.analysis.patching.PatchListener;
import org.lens4j.analysis.patching.PatchProgress;
import org.lens4j.harvest.HarvestListener;
import org.lens4j.hub.Progress;
import org.lens4j.load.LoadListener;
import org.lens4j.train.TrainListener;
import org.lens4j.train.TrainProgress;

/**
 * Progress bars for the library's long work, each a listener the work takes: drawn from when it begins, also while it says
 * nothing, to when it ends, however it ends. Loads and downloads of the session have theirs already; in a notebook this is
 * the variable {@code bars}.
 *
 * <pre>{@code
 * ActivationPatch.of(model, pairs, metric).withListener(bars.patches()).run(site);
 * new TrainLoop(model, config).run(lessons, bars.training());
 * }</pre>
 */
public final class WorkBars {
    /** The variable of the bundled kernel that holds them. */
    public static final String VARIABLE = "bars";

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
        return ProgressBar.of(label, OptionalLong.empty(), unit, canvases.get());
    }

    /** A bar for each file of a download. */
    public Progress downloads() {
        return new DownloadBars(canvases);
    }

    /** A bar for each load. */
    public LoadListener loads() {
        return new LoadBar(canvases);
    }

    /** A bar for each sweep of patches. */
    public PatchListener patches() {
        WorkBar work = new WorkBar(() -> bar("patches", ""));
        return new PatchListener() {
            @Override
            public void began() {
                work.begin();
            }

            @Override
            public void at(PatchProgress progress) {
                work.bar().ifPresent(it -> it.at(progress.done(), OptionalLong.of(progress.of())));
            }

            @Override
            public void ended() {
                work.end();
            }
        };
    }

    /** A bar for each harvest, in tokens. */
    public HarvestListener harvest() {
        return new HarvestBar(() -> bar("harvest", "tok"), () -> false);
    }

    /** A bar for each training, in steps, with the loss behind it. */
    public TrainListener training() {
        WorkBar work = new WorkBar(() -> bar("train", "step"));
        return new TrainListener() {
            @Override
            public void began() {
                work.begin();
            }

            @Override
            public void at(TrainProgress progress) {
                work.bar().ifPresent(it -> {
                    it.note(String.format(Locale.ROOT, "loss %.3f", progress.loss()));
                    it.at(progress.step(), OptionalLong.of(progress.steps()));
                });
            }

            @Override
            public void ended() {
                work.end();
            }
        };
    }
}
