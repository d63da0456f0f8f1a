package org.lens4j.train.features;

import java.util.Optional;
import org.lens4j.analysis.Grid;

/**
 * A probe, and how far it is to be trusted.
 *
 * @param probe the probe
 * @param control the same, trained on random labels of token types (Hewitt and Liang, 2019): what it can say of anything
 *     whatever is no evidence
 * @param scores {@code [task score]}: the tasks are the real one and the control; the scores {@code training}, {@code held_out} and
 *     {@code baseline}, which always answers the commonest class or the mean. Shares of rows answered rightly, or R²
 * @param confusion how often each class is answered for each, shares of the held-out rows of a class, {@code [label answer]};
 *     {@code NaN} for a class without one. Empty for a probe of a number
 */
public record ProbeReport(Probe probe, Probe control, Grid scores, Optional<Grid> confusion) {
    /** How much better the probe is on held-out documents than what random labels give. */
    public float selectivity() {
        return heldOut() - controlHeldOut();
    }

    /** The probe's accuracy or R² on held-out documents. */
    public float heldOut() {
        return scores.at(0, ProbeTraining.HELD_OUT);
    }

    /** The control's accuracy or R² on held-out documents. */
    public float controlHeldOut() {
        return scores.at(1, ProbeTraining.HELD_OUT);
    }
}
