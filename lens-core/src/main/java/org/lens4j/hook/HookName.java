package org.lens4j.hook;

/**
 * One hook point of one layer: what {@code blocks.3.attn.hook_z} names.
 *
 * @param point which kind
 * @param stack which blocks; {@link Stack#BLOCKS} for the points outside the blocks
 * @param layer from 0; -1 for the points outside the blocks
 * @param expert from 0; -1 for the points outside experts
 */
public record HookName(HookPoint point, Stack stack, int layer, int expert) {
    /** The layer of the points that belong to none. */
    public static final int NO_LAYER = -1;

    /** The expert of the points that belong to none. */
    public static final int NO_EXPERT = -1;

    /** Points outside the blocks are in no stack. */
    public HookName {
        stack = point.inBlock() ? stack : Stack.BLOCKS;
    }

    /** A point of a model of one stack, inside an expert. */
    public HookName(HookPoint point, int layer, int expert) {
        this(point, Stack.BLOCKS, layer, expert);
    }

    /** A point of a model of one stack, outside experts. */
    public HookName(HookPoint point, int layer) {
        this(point, layer, NO_EXPERT);
    }

    /** The full name, TransformerLens's spelling. */
    public String full() {
        return point.name(this);
    }

    @Override
    public String toString() {
        return full();
    }
}
