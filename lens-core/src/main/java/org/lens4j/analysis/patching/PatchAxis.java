package org.lens4j.analysis.patching;

import org.lens4j.tensor.Axes;

/** What one index of a patch counts. TransformerLens: the {@code index_axis_names} of a patch. */
public enum PatchAxis {
    /** Blocks. */
    LAYER("layer"),
    /** Positions; of a pattern or of scores, those that look. */
    POS("pos", "query_pos"),
    /** Attention heads; of keys and values, those they have. */
    HEAD("head", "kv_head"),
    /** Positions that look; TransformerLens: {@code dest_pos}. */
    QUERY_POS("query_pos"),
    /** Positions that are looked at; TransformerLens: {@code src_pos}. */
    KEY_POS("key_pos"),
    /** Neurons of an MLP. */
    NEURON("neuron", "d_mlp");

    private final String label;
    private final String other;

    PatchAxis(String label) {
        this(label, label);
    }

    PatchAxis(String label, String other) {
        this.label = label;
        this.other = other;
    }

    /** The grid's axis. */
    String label() {
        return label;
    }

    /** Whether it says from which position on a run changes. */
    boolean saysWhen() {
        return this == POS || this == QUERY_POS;
    }

    /** Whether it counts tokens of the prompt. */
    boolean isPosition() {
        return saysWhen() || this == KEY_POS;
    }

    /** Where it is in a tensor, or -1. */
    int in(Axes axes) {
        return Math.max(axes.indexOf(label), axes.indexOf(other));
    }
}
