package org.lens4j.config;

/** How rotary angles are changed so that a model reads longer texts than it was trained on. */
public sealed interface RopeScaling {
    /**
     * What the angle per position becomes.
     *
     * @param frequency radians per position, unscaled
     */
    double scaled(double frequency);

    /** Not at all. */
    record None() implements RopeScaling {
        @Override
        public double scaled(double frequency) {
            return frequency;
        }
    }

    /**
     * All angles smaller by a factor (position interpolation, Chen et al., 2023).
     *
     * @param factor at least 1 as a rule
     */
    record Linear(double factor) implements RopeScaling {
        /** Checks the factor. */
        public Linear {
            Checks.positive("rope scaling factor", factor);
        }

        @Override
        public double scaled(double frequency) {
            return frequency / factor;
        }
    }

    /**
     * Slow angles smaller by a factor, fast ones unchanged, a smooth passage between (Llama 3.1). TransformerLens:
     * {@code use_NTK_by_parts_rope}.
     *
     * @param factor what slow angles are divided by
     * @param lowFrequency turns over the old context below which an angle is slow
     * @param highFrequency turns over the old context above which an angle is fast; more than lowFrequency
     * @param oldContext positions the model was first trained on
     */
    record ByParts(double factor, double lowFrequency, double highFrequency, int oldContext) implements RopeScaling {
        /** Checks the bounds. */
        public ByParts {
            Checks.positive("rope scaling factor", factor);
            Checks.positive("original_max_position_embeddings", oldContext);
            if (!(highFrequency > lowFrequency)) {
                throw new IllegalArgumentException(
                        "high_freq_factor must be more than low_freq_factor, but they are %s and %s."
                                .formatted(highFrequency, lowFrequency));
            }
        }

        @Override
        public double scaled(double frequency) {
            double turns = oldContext * frequency / (2 * Math.PI);
            double fast = Math.max(0, Math.min(1, (turns - lowFrequency) / (highFrequency - lowFrequency)));
            return fast * frequency + (1 - fast) * frequency / factor;
        }
    }
}
