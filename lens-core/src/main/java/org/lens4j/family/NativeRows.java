package org.lens4j.family;

import java.util.ArrayList;
import java.util.List;
import org.lens4j.config.Mlp;
import org.lens4j.config.ModelConfig;
import org.lens4j.config.Norm;
import org.lens4j.config.PositionEmbedding;
import org.lens4j.config.Stacks;

/** Every parameter of a model of some shape, under our own name and in our own layout: what the forward pass reads. */
public final class NativeRows {
    private final ModelConfig config;
    private final boolean folded;
    private final List<Row> rows = new ArrayList<>();

    private NativeRows(ModelConfig config, boolean folded) {
        this.config = config;
        this.folded = folded;
    }

    /**
     * The rows.
     *
     * @param folded whether norms have no parameters of their own: gains are 1, offsets 0
     */
    public static List<Row> of(ModelConfig config, boolean folded) {
        NativeRows rows = new NativeRows(config, folded);
        if (config.stacks() instanceof Stacks.EncoderDecoder) {
            return rows.twoStacks();
        }
        return config.stacks() instanceof Stacks.Encoder ? rows.encoder() : rows.build();
    }

    private List<Row> twoStacks() {
        Norm kind = config.norms().blocks();
        as(Row.EMBEDDING, "v m");
        for (String stack : List.of("encoder", "decoder")) {
            String block = stack + ".{l}.";
            as(stack + ".0.attn.rel_pos_bias.weight", "r h");
            norm(block + "ln1", kind, "m", false);
            attention(block + "attn.");
            norm(block + "ln2", kind, "m", false);
            if (stack.equals("decoder")) {
                attention(block + "cross_attn.");
                norm(block + "ln3", kind, "m", false);
            }
            mlp(block + "mlp.");
            norm(stack + "_final_ln", config.norms().last(), "m", false);
        }
        as("unembed.W_U", "m o");
        as("unembed.b_U", "o");
        return List.copyOf(rows);
    }

    private List<Row> encoder() {
        as(Row.EMBEDDING_OF_ENCODER, "v m");
        as("embed.pos_embed.W_pos", "p m");
        as("embed.token_type_embed.W_token_type", "t m");
        norm("embed.ln", Norm.LAYER, "m", false);
        attention("blocks.{l}.attn.");
        norm("blocks.{l}.ln1", Norm.LAYER, "m", false);
        mlp("blocks.{l}.mlp.");
        norm("blocks.{l}.ln2", Norm.LAYER, "m", false);
        as("mlm_head.W", "m w");
        as("mlm_head.b", "w");
        norm("mlm_head.ln", Norm.LAYER, "m", false);
        as("unembed.W_U", "m o");
        as("unembed.b_U", "o");
        as("pooler.W", "m w");
        as("pooler.b", "w");
        as("nsp_head.W", "m n");
        as("nsp_head.b", "n");
        return List.copyOf(rows);
    }

    private List<Row> build() {
        as("embed.W_E", "v m");
        if (config.norms().afterEmbedding()) {
            norm("embed.ln", Norm.LAYER, "m", false);
        }
        boolean vectors = config.positions() instanceof PositionEmbedding.Learned
                || config.positions() instanceof PositionEmbedding.Shortformer;
        if (vectors) {
            as("pos_embed.W_pos", "p m");
        }
        Norm kind = config.norms().blocks();
        norm("blocks.{l}.ln1", kind, "m", folded);
        attention("blocks.{l}.attn.");
        boolean hasMlp = !(config.mlp() instanceof Mlp.None);
        if (config.norms().afterParts()) {
            norm("blocks.{l}.ln1_post", kind, "m", false);
        }
        if (hasMlp) {
            norm("blocks.{l}.ln2", kind, "m", folded);
            mlp("blocks.{l}.mlp.");
            if (config.norms().afterParts()) {
                norm("blocks.{l}.ln2_post", kind, "m", false);
            }
        }
        norm("ln_final", config.norms().last(), "m", folded);
        as("unembed.W_U", "m o");
        as("unembed.b_U", "o");
        return List.copyOf(rows);
    }

    private void attention(String prefix) {
        String mark = config.attention().grouped() ? "_" : "";
        as(prefix + "W_Q", "h m d");
        as(prefix + mark + "W_K", "g m d");
        as(prefix + mark + "W_V", "g m d");
        as(prefix + "b_Q", "h d");
        as(prefix + mark + "b_K", "g d");
        as(prefix + mark + "b_V", "g d");
        if (config.attention().qkNorm()) {
            as(prefix + "q_norm.w", "d");
            as(prefix + "k_norm.w", "d");
        }
        as(prefix + "W_O", "h d m");
        as(prefix + "b_O", "m");
    }

    private void mlp(String prefix) {
        if (config.mlp() instanceof Mlp.Experts) {
            as(prefix + "W_gate.weight", "e m");
            as(prefix + "experts.{e}.W_gate.weight", "f m");
            as(prefix + "experts.{e}.W_in.weight", "f m");
            as(prefix + "experts.{e}.W_out.weight", "m f");
            return;
        }
        if (config.mlp() instanceof Mlp.Gated) {
            as(prefix + "W_gate", "m f");
        }
        as(prefix + "W_in", "m f");
        as(prefix + "b_in", "f");
        if (config.activation().normed()) {
            norm(prefix + "ln", Norm.LAYER, "f", folded);
        }
        as(prefix + "W_out", "f m");
        as(prefix + "b_out", "m");
    }

    private void norm(String name, Norm kind, String axis, boolean constant) {
        if (kind == Norm.NONE) {
            return;
        }
        if (constant) {
            rows.add(new Row.Constant(name + ".w", axis, 1));
        } else {
            as(name + ".w", axis);
        }
        if (kind == Norm.LAYER) {
            if (constant) {
                rows.add(Row.zero(name + ".b", axis));
            } else {
                as(name + ".b", axis);
            }
        }
    }

    private void as(String name, String axes) {
        rows.add(Row.of(name, name, axes + " -> " + axes));
    }
}
