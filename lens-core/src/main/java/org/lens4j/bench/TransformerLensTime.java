package org.lens4j.bench;

/** What TransformerLens 2.15.4 needs for the same work and shape on two cores of the same kind of machine, in milliseconds. */
enum TransformerLensTime {
    /** Logits of 128 tokens. */
    FORWARD(210),
    /** {@code run_with_cache} of 128 tokens. */
    CACHE(230),
    /** One {@code resid_post} by {@code stop_at_layer=7}. */
    ONE_RESID_POST(100),
    /** 32 tokens from 16, with its key-value cache. */
    GENERATE(2_200),
    /** Forward and backward of 64 tokens. */
    BACKWARD(640),
    /** Activation patching of {@code resid_pre}, 12 layers by 15 positions. */
    PATCHING(17_700);

    /**
     * What one graph of 128 tokens took on that machine, in milliseconds: what it takes in a later run says how much slower or
     * faster that run's machine is.
     */
    static final double GRAPH = 138;

    private final double milliseconds;

    TransformerLensTime(double milliseconds) {
        this.milliseconds = milliseconds;
    }

    double milliseconds() {
        return milliseconds;
    }
}
