package org.lens4j.bench;

import org.lens4j.config.ModelConfig;

/** Floating-point operations of the products in a pass: two for each number of a weight and token, and those of attention. */
record Flops(ModelConfig config) {
    /** Of some blocks. */
    double blocks(int layers, int batch, int pos) {
        double d = config.dModel();
        double weights = 4 * d * config.nHeads() * config.dHead() + 2 * d * config.dMlp();
        double attention = 2.0 * pos * config.nHeads() * config.dHead();
        return 2.0 * batch * pos * layers * (weights + attention);
    }

    /** Of a forward pass with logits everywhere. */
    double forward(int batch, int pos) {
        return blocks(config.nLayers(), batch, pos) + 2.0 * batch * pos * config.dModel() * config.dVocabOut();
    }
}
