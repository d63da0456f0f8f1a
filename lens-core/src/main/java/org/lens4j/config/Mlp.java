package org.lens4j.config;

/** The second part of a block. */
public sealed interface Mlp {
    /** Neurons, 0 for none. */
    int dMlp();

    /** The non-linearity. */
    Activation activation();

    /** No MLP: an attention-only model. TransformerLens: {@code attn_only}. */
    record None() implements Mlp {
        @Override
        public int dMlp() {
            return 0;
        }

        @Override
        public Activation activation() {
            return Activation.IDENTITY;
        }
    }

    /**
     * Two linear maps with a non-linearity between.
     *
     * @param dMlp neurons
     * @param activation between the two
     */
    record Plain(int dMlp, Activation activation) implements Mlp {
        /** Checks the size. */
        public Plain {
            Checks.positive("dMlp", dMlp);
        }
    }

    /**
     * Neurons are the product of a gate and a linear map (Shazeer, 2020). TransformerLens: {@code gated_mlp}.
     *
     * @param dMlp neurons
     * @param activation of the gate
     */
    record Gated(int dMlp, Activation activation) implements Mlp {
        /** Checks the size and that the gate has no norm of its own. */
        public Gated {
            Checks.positive("dMlp", dMlp);
            if (activation.normed()) {
                throw new IllegalArgumentException("A gate cannot be " + activation.officialName() + ".");
            }
        }
    }

    /**
     * Several gated MLPs, of which each token uses the few a router picks (Mixtral).
     *
     * @param dMlp neurons of one expert
     * @param activation of the gates
     * @param experts how many there are
     * @param perToken how many a token uses
     */
    record Experts(int dMlp, Activation activation, int experts, int perToken) implements Mlp {
        /** Checks the counts and that the gates have no norm of their own. */
        public Experts {
            Checks.positive("dMlp", dMlp);
            Checks.positive("experts", experts);
            Checks.positive("experts per token", perToken);
            if (activation.normed()) {
                throw new IllegalArgumentException("A gate cannot be " + activation.officialName() + ".");
            }
            if (perToken > experts) {
                throw new IllegalArgumentException("A token cannot use %d of %d experts.".formatted(perToken, experts));
            }
        }
    }
}
