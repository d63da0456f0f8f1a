package org.lens4j.family;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.lens4j.config.Attention;

/**
 * Rows as families have them, in the order of the forward pass. Linear layers are stored as {@code [out in]}, as PyTorch
 * does, unless a method says otherwise.
 */
final class Rows {
    private static final String ATTENTION = "blocks.{l}.attn.";
    private static final String MLP = "blocks.{l}.mlp.";

    private final List<Row> rows = new ArrayList<>();

    /** Any row. */
    Rows add(Row row) {
        rows.add(row);
        return this;
    }

    /** The rows so far. */
    List<Row> list() {
        return List.copyOf(rows);
    }

    Rows tokens(String theirs) {
        return add(Row.of(Row.EMBEDDING, theirs, "v m -> v m"));
    }

    Rows positions(String theirs) {
        return add(Row.of("pos_embed.W_pos", theirs, "p m -> p m"));
    }

    /** Gain and offset, over d_model. */
    Rows layerNorm(String ours, String theirs) {
        return add(Row.of(ours + ".w", theirs + ".weight", "m -> m"))
                .add(Row.of(ours + ".b", theirs + ".bias", "m -> m"));
    }

    /** Gain, over d_model. */
    Rows rmsNorm(String ours, String theirs) {
        return add(Row.of(ours + ".w", theirs + ".weight", "m -> m"));
    }

    /** Gain stored as its difference from 1. */
    Rows rmsNormPlusOne(String ours, String theirs) {
        return add(Row.of(ours + ".w", theirs + ".weight", "m -> m").plus(1));
    }

    /**
     * Queries, keys and values in layers of their own.
     *
     * @param q the layers' names in the checkpoint
     * @param bias whether they have biases
     */
    Rows separateHeads(Attention attention, String q, String k, String v, boolean bias) {
        String shared = attention.grouped() ? "_" : "";
        return heads("", "Q", "h", q, bias).heads(shared, "K", "g", k, bias).heads(shared, "V", "g", v, bias);
    }

    private Rows heads(String mark, String which, String axis, String theirs, boolean bias) {
        String b = ATTENTION + mark + "b_" + which;
        add(Row.of(ATTENTION + mark + "W_" + which, theirs + ".weight", "(%s d) m -> %s m d".formatted(axis, axis)));
        return add(
                bias ? Row.of(b, theirs + ".bias", "(%s d) -> %s d".formatted(axis, axis)) : Row.zero(b, axis + " d"));
    }

    /**
     * Queries, keys and values in one layer with biases, the same number of heads each.
     *
     * @param theirs the layer's name in the checkpoint
     * @param out the order of its outputs: {@code qkv h d} or {@code h qkv d}
     */
    Rows fusedHeads(String theirs, String out) {
        String[] names = {"Q", "K", "V"};
        for (int part = 0; part < names.length; part++) {
            add(Row.of(ATTENTION + "W_" + names[part], theirs + ".weight", "(%s) m -> qkv h m d".formatted(out))
                    .part(part));
            add(Row.of(ATTENTION + "b_" + names[part], theirs + ".bias", "(%s) -> qkv h d".formatted(out))
                    .part(part));
        }
        return this;
    }

    Rows attentionOut(String theirs, boolean bias) {
        add(Row.of(ATTENTION + "W_O", theirs + ".weight", "m (h d) -> h d m"));
        return bias(ATTENTION + "b_O", theirs, "m", bias);
    }

    Rows plainMlp(String in, String out) {
        return plainMlp(in, out, true);
    }

    Rows plainMlp(String in, String out, boolean bias) {
        add(Row.of(MLP + "W_in", in + ".weight", "f m -> m f"));
        bias(MLP + "b_in", in, "f", bias);
        add(Row.of(MLP + "W_out", out + ".weight", "m f -> f m"));
        return bias(MLP + "b_out", out, "m", bias);
    }

    /** A gated MLP without biases. */
    Rows gatedMlp(String gate, String in, String out) {
        add(Row.of(MLP + "W_gate", gate + ".weight", "f m -> m f"));
        add(Row.of(MLP + "W_in", in + ".weight", "f m -> m f"));
        return gatedOut(out);
    }

    /** The way out of a gated MLP without biases. */
    Rows gatedOut(String out) {
        add(Row.zero(MLP + "b_in", "f"));
        add(Row.of(MLP + "W_out", out + ".weight", "m f -> f m"));
        return add(Row.zero(MLP + "b_out", "m"));
    }

    /** The unembedding without a bias, outside the prefix. */
    Rows unembed(String theirs) {
        return unembed(theirs, Optional.empty());
    }

    /** The unembedding, outside the prefix. */
    Rows unembed(String theirs, Optional<String> bias) {
        add(Row.of(Row.UNEMBEDDING, theirs, "o m -> m o").outsidePrefix());
        return add(bias.<Row>map(name -> Row.of("unembed.b_U", name, "o -> o").outsidePrefix())
                .orElseGet(() -> Row.zero("unembed.b_U", "o")));
    }

    private Rows bias(String ours, String theirs, String axis, boolean there) {
        return add(there ? Row.of(ours, theirs + ".bias", axis + " -> " + axis) : Row.zero(ours, axis));
    }
}
