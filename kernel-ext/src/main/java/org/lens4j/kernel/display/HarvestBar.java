package org.lens4j.kernel.display;

import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.lens4j.harvest.HarvestListener;
import org.lens4j.harvest.HarvestProgress;

/** The progress bar of a harvest: tokens, tokens each second, and the time that is left by an estimate. One thread at a time. */
public final class HarvestBar implements AutoCloseable {
    private final Supplier<ProgressBar> begin;
    private Optional<ProgressBar> bar = Optional.empty();

    /** A bar that begins with the harvest. */
    public HarvestBar(ProgressBar.Canvas canvas) {
        this(() -> ProgressBar.of("harvest", OptionalLong.empty(), "tok", canvas));
    }

    /** A bar that is made so when the harvest begins. */
    HarvestBar(Supplier<ProgressBar> begin) {
        this.begin = begin;
    }

    /**
     * Draws what it is told.
     *
     * @param stops whether the user asked to stop
     */
    public HarvestListener listener(BooleanSupplier stops) {
        return new HarvestListener() {
            @Override
            public void at(HarvestProgress progress) {
                draw(progress);
            }

            @Override
            public boolean stops() {
                return stops.getAsBoolean();
            }
        };
    }

    private void draw(HarvestProgress progress) {
        if (bar.isEmpty()) {
            // What an earlier attempt ran does not count for the speed.
            bar = Optional.of(begin.get().resumedAt(progress.tokens()));
        }
        OptionalLong total = progress.expected() > 0 ? OptionalLong.of(progress.expected()) : OptionalLong.empty();
        bar.get().at(progress.tokens(), total);
    }

    /** Ends the bar where it stands. */
    @Override
    public void close() {
        bar.ifPresent(ProgressBar::close);
    }
}
