package org.lens4j.hook;

import java.util.Arrays;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

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

    private static final Pattern PLACE = Pattern.compile(
            "(?:(?<stack>blocks|encoder|decoder)\\.(?<layer>\\d{1,6})\\.(?<cross>cross_(?=attn\\.))?)?(?:mlp\\.experts\\.(?<expert>\\d{1,6})\\.)?.*");

    /** Those that are called in a decoder as others are elsewhere. */
    private static final Set<HookPoint> OF_DECODER = Set.of(HookPoint.CROSS_LN_SCALE, HookPoint.CROSS_LN_NORMALIZED);

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

    /**
     * The point a full name stands for, whatever model it is of; of the norms behind an encoder's sums, which are called as
     * those before its parts are, the latter. {@link HookCatalogue#find} knows a model's.
     *
     * @param full for example {@code blocks.3.attn.hook_z}
     * @return empty if no model has such a name
     */
    public static Optional<HookName> parse(String full) {
        Matcher place = PLACE.matcher(full);
        if (!place.matches()) {
            return Optional.empty();
        }
        boolean inBlock = place.group("stack") != null;
        Stack stack = Stack.of(inBlock ? place.group("stack") : "", place.group("cross") != null);
        int expert = place.group("expert") == null ? NO_EXPERT : Integer.parseInt(place.group("expert"));
        int layer = inBlock ? Integer.parseInt(place.group("layer")) : NO_LAYER;
        return Arrays.stream(HookPoint.values())
                .filter(it -> it.inBlock() == inBlock && it.inExpert() == (expert >= 0))
                .filter(it -> stack == Stack.DECODER || !OF_DECODER.contains(it))
                .map(it -> new HookName(it, stack, layer, expert))
                .filter(it -> it.full().equals(full))
                .findFirst();
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
