package org.lens4j.hook;

import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.IntUnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.lens4j.error.UsageException;

/**
 * The short way to write a hook point of the blocks: {@code k6} for {@code blocks.6.attn.hook_k}. TransformerLens:
 * {@code get_act_name}, whose rules these are; here a layer may be negative too ({@code resid_post-1}).
 *
 * <pre>{@code
 * ShortName.of("scale4ln1").full(layer -> layer);   // blocks.4.ln1.hook_scale
 * }</pre>
 *
 * @param name what is called: {@code k}, {@code resid_post}, {@code pattern}; a full name where nothing is short
 * @param layer of the block, negative ones from the end; empty for a point outside the blocks
 * @param part of the block: {@code attn}, {@code mlp}, {@code ln1}, a letter for one of them, or nothing
 */
public record ShortName(String name, OptionalInt layer, String part) {
    private static final Pattern WITH_LAYER = Pattern.compile("([a-z_]*[a-z])(-?\\d+)([a-z]\\w*)?");
    private static final Set<String> OF_ATTENTION =
            Set.of("k", "v", "q", "z", "rot_k", "rot_q", "result", "pattern", "attn_scores");
    private static final Set<String> OF_MLP = Set.of("pre", "post", "mid", "pre_linear");
    private static final List<String> OF_NORM = List.of("scale", "normalized");
    private static final Map<String, String> OTHER_NAMES = Map.of(
            "attn", "pattern",
            "attn_logits", "attn_scores",
            "key", "k",
            "query", "q",
            "value", "v",
            "mlp_pre", "pre",
            "mlp_mid", "mid",
            "mlp_post", "post");
    private static final Map<String, String> OTHER_PARTS =
            Map.of("a", "attn", "m", "mlp", "b", "", "block", "", "blocks", "", "attention", "attn");

    /**
     * A name in one word, short or full.
     *
     * @param text for example {@code pattern3}, {@code scale4ln1}, {@code embed} or {@code blocks.3.hook_mlp_out}
     */
    public static ShortName of(String text) {
        Matcher parts = WITH_LAYER.matcher(text);
        if (isFull(text) || !parts.matches()) {
            return new ShortName(text, OptionalInt.empty(), "");
        }
        String part = parts.group(3) == null ? "" : parts.group(3);
        return new ShortName(parts.group(1), OptionalInt.of(layer(text, parts.group(2))), part);
    }

    /** A name of a layer. */
    public static ShortName of(String name, int layer) {
        return of(name, layer, "");
    }

    /**
     * A name of a layer, in a part of the block.
     *
     * @param part {@code attn}, {@code mlp}, {@code ln1}, …, or {@code a}, {@code m}, {@code b} as TransformerLens writes them
     * @throws UsageException if the name says its layer already
     */
    public static ShortName of(String name, int layer, String part) {
        if (isFull(name) || WITH_LAYER.matcher(name).matches()) {
            throw new UsageException(
                    "\"%s\" is asked for in layer %d, and the name says where it is. Leave the layer out, or write the name as in (\"attn\", 3)."
                            .formatted(name, layer));
        }
        return new ShortName(name, OptionalInt.of(layer), part);
    }

    private static int layer(String text, String digits) {
        try {
            return Integer.parseInt(digits);
        } catch (NumberFormatException e) {
            throw new UsageException("\"%s\" has no layer that can be counted: %s.".formatted(text, digits));
        }
    }

    private static boolean isFull(String text) {
        return text.contains(".") || text.startsWith("hook_");
    }

    /**
     * The full name.
     *
     * @param absolute makes a negative layer one from 0; called only for those
     */
    public String full(IntUnaryOperator absolute) {
        if (isFull(name)) {
            return name;
        }
        String called = OTHER_NAMES.getOrDefault(name, name);
        if (layer.isEmpty()) {
            return (OF_NORM.contains(called) ? "ln_final." : "") + partOf(called) + "hook_" + called;
        }
        int from0 = layer.getAsInt() < 0 ? absolute.applyAsInt(layer.getAsInt()) : layer.getAsInt();
        return "blocks." + from0 + "." + partOf(called) + "hook_" + called;
    }

    private String partOf(String called) {
        String where = OTHER_PARTS.getOrDefault(part, part);
        if (OF_ATTENTION.contains(called)) {
            where = "attn";
        } else if (OF_MLP.contains(called)) {
            where = "mlp";
        }
        return where.isEmpty() ? "" : where + ".";
    }

    /** As it was asked for, for messages. */
    @Override
    public String toString() {
        return name + (layer.isPresent() ? Integer.toString(layer.getAsInt()) : "") + part;
    }
}
