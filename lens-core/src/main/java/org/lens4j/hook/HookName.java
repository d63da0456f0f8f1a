package org.lens4j.hook;

/**
 * One hook point of one layer: what {@code blocks.3.attn.hook_z} names.
 *
 * @param point which kind
 * @param layer from 0; -1 for the points outside the blocks
 */
public record HookName(HookPoint point, int layer) {
    /** The layer of the points that belong to none. */
    public static final int NO_LAYER = -1;

    /** The full name, TransformerLens's spelling. */
    public String full() {
        return point.name(layer);
    }

    @Override
    public String toString() {
        return full();
    }
}
