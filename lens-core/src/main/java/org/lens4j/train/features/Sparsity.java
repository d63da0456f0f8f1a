package org.lens4j.train.features;

import java.util.Locale;
import org.lens4j.error.UsageException;

/**
 * What keeps most features at zero while an autoencoder is trained. Coefficients are for activations whose squared distance from
 * their mean is 1 on average; rows are scaled to that, so that one coefficient fits every model.
 */
public sealed interface Sparsity {
    /**
     * A ReLU, and the sum of each row's features times a coefficient in the loss (Bricken et al., 2023).
     *
     * @param coefficient greater means fewer features; such as 0.05
     */
    record L1(double coefficient) implements Sparsity {
        /** Checks it. */
        public L1 {
            require(coefficient >= 0, "An L1 coefficient", coefficient, "0 or more");
        }
    }

    /**
     * The greatest features of each row and no others (Gao et al., 2024). Features that are dead learn from the error that is left,
     * with a weight of 1/32.
     *
     * @param k how many
     */
    record TopK(int k) implements Sparsity {
        /** Checks it. */
        public TopK {
            require(k >= 1, "k", k, "1 or more");
        }
    }

    /**
     * A threshold for each feature, and the number of features above theirs times a coefficient in the loss. The jump has no
     * gradient; thresholds get that of a jump smeared over a bandwidth (Rajamanoharan et al., 2024).
     *
     * @param coefficient greater means fewer features; such as 0.003
     * @param bandwidth over which the jump is smeared; such as 0.05 for a few hundred steps, 0.001 for many thousands
     * @param threshold the first of every feature, greater than 0
     */
    record JumpRelu(double coefficient, double bandwidth, double threshold) implements Sparsity {
        /** Checks them. */
        public JumpRelu {
            require(coefficient >= 0, "An L0 coefficient", coefficient, "0 or more");
            require(bandwidth > 0, "A bandwidth", bandwidth, "greater than 0");
            require(threshold > 0, "A first threshold", threshold, "greater than 0");
        }
    }

    private static void require(boolean good, String what, double found, String wanted) {
        if (!good) {
            throw new UsageException(
                    String.format(Locale.ROOT, "%s of %s is none. It must be %s.", what, found, wanted));
        }
    }
}
