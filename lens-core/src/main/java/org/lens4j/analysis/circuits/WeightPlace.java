package org.lens4j.analysis.circuits;

/** A matrix of a model that has something to say in tokens. TransformerLens: {@code vector_type}. */
public sealed interface WeightPlace {
    /** From 0. */
    int layer();

    /**
     * What a head brings.
     *
     * @param layer from 0
     * @param head from 0
     */
    record Ov(int layer, int head) implements WeightPlace {
        @Override
        public String toString() {
            return "OV of L%dH%d".formatted(layer, head);
        }
    }

    /**
     * What the neurons of a layer read.
     *
     * @param layer from 0
     */
    record WIn(int layer) implements WeightPlace {
        @Override
        public String toString() {
            return "W_in of layer " + layer;
        }
    }

    /**
     * What the neurons of a layer write.
     *
     * @param layer from 0
     */
    record WOut(int layer) implements WeightPlace {
        @Override
        public String toString() {
            return "W_out of layer " + layer;
        }
    }
}
