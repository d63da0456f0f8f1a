package org.lens4j.kernel.display;

import java.util.Optional;
import java.util.function.Supplier;

/** The progress bar of work that says when it begins and when it ends; work that begins again has another. */
final class WorkBar {
    private final Supplier<ProgressBar> making;
    private Optional<ProgressBar> bar = Optional.empty();

    /** A bar that is made so when the work begins. */
    WorkBar(Supplier<ProgressBar> making) {
        this.making = making;
    }

    /** Draws itself from now on. */
    synchronized void begin() {
        bar.ifPresent(ProgressBar::close);
        bar = Optional.of(making.get());
    }

    /** The bar of the work that is going on. */
    synchronized Optional<ProgressBar> bar() {
        return bar;
    }

    /** Leaves the bar where it stands. */
    synchronized void end() {
        bar.ifPresent(ProgressBar::close);
        bar = Optional.empty();
    }
}
