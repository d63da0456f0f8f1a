package org.lens4j.kernel.display;

import java.util.OptionalLong;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.lens4j.harvest.HarvestListener;
import org.lens4j.harvest.HarvestProgress;

/**
 * The progress bar of a harvest, from its beginning to its end: tokens, tokens each second, and the time that is left by an
 * estimate. One harvest at a time.
 */
public final class HarvestBar implements HarvestListener {
    private final WorkBar work;
    private final BooleanSupplier stops;
    private boolean told;

    /**
     * A bar that begins with the harvest.
     *
     * @param canvas where it is drawn
     * @param stops whether the user asked to stop
     */
    public HarvestBar(ProgressBar.Canvas canvas, BooleanSupplier stops) {
        this(() -> ProgressBar.of("harvest", OptionalLong.empty(), "tok", canvas), stops);
    }

    /** A bar that is made so when the harvest begins. */
    HarvestBar(Supplier<ProgressBar> making, BooleanSupplier stops) {
        this.work = new WorkBar(making);
        this.stops = stops;
    }

    @Override
    public void began() {
        told = false;
        work.begin();
    }

    @Override
    public void at(HarvestProgress progress) {
        OptionalLong total = progress.expected() > 0 ? OptionalLong.of(progress.expected()) : OptionalLong.empty();
        work.bar().ifPresent(bar -> {
            if (!told) {
                // What an earlier attempt ran does not count for the speed.
                bar.resumedAt(progress.tokens());
                told = true;
            }
            bar.at(progress.tokens(), total);
        });
    }

    @Override
    public boolean stops() {
        return stops.getAsBoolean();
    }

    @Override
    public void ended() {
        work.end();
    }
}
