package org.lens4j.family;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.lens4j.config.Activation;
import org.lens4j.config.Attention;
import org.lens4j.config.Mlp;
import org.lens4j.config.ModelConfig;
import org.lens4j.config.Norms;
import org.lens4j.config.PositionEmbedding;
import org.lens4j.config.Sizes;
import org.lens4j.config.Stacks;

/**
 * T5 (Raffel et al., 2020), and its versions with gated MLPs (T5 1.1, Flan-T5). No biases, RMS norms, scores unscaled;
 * distances are learned numbers that the first block of each stack has for all. With tied embeddings the decoder's output is
 * divided by the square root of d_model.
 *
 * <p>The decoder is as in Hugging Face: it sees only what is before it, and all its buckets are for that. TransformerLens
 * gives it no causal mask and shares its buckets between both directions, so decoder texts of more than one token look into
 * the future there, and those of more than eight get other distances.
 */
final class T5 implements Family {
    private static final String NAME = "T5ForConditionalGeneration";
    private static final String SELF = ".block.{l}.layer.0.SelfAttention.";
    private static final String CROSS = ".block.{l}.layer.1.EncDecAttention.";

    @Override
    public Set<String> architectures() {
        return Set.of(NAME, "T5WithLMHeadModel");
    }

    @Override
    public Blueprint read(ConfigJson json) {
        int nLayers = json.integer("num_layers");
        boolean tied = json.tied(true);
        Mlp mlp = mlp(json);
        ConfigFields.mustBe(json, "is_encoder_decoder", true);
        int pad = json.integer("pad_token_id", 0);
        ModelConfig config = ModelConfig.of(
                        NAME,
                        new Sizes(
                                nLayers,
                                json.integer("d_model"),
                                json.integer("vocab_size"),
                                json.integer("n_positions", 512)),
                        new PositionEmbedding.Buckets(
                                json.integer("relative_attention_num_buckets", 32),
                                json.integer("relative_attention_max_distance", 128)),
                        Norms.rms((float) json.number("layer_norm_epsilon", 1e-6)),
                        Attention.of(nLayers, json.integer("num_heads"), json.integer("d_kv"))
                                .withScale(1)
                                .withBothDirections(),
                        mlp)
                .withStacks(new Stacks.EncoderDecoder(
                        json.integer("num_decoder_layers", nLayers),
                        tied,
                        json.integer("decoder_start_token_id", pad)));
        return new Blueprint(
                config,
                rows(mlp instanceof Mlp.Gated),
                new Blueprint.Tensors(
                        List.of(""),
                        tied,
                        List.of(
                                "(encoder|decoder)\\.embed_tokens\\.weight",
                                "decoder\\.block\\.0\\.layer\\.1\\.EncDecAttention\\.relative_attention_bias\\.weight"),
                        List.of(),
                        Map.of()));
    }

    /** {@code relu} is plain, {@code gated-gelu} gated; the GELU of a gate is the tanh approximation. */
    private static Mlp mlp(ConfigJson json) {
        String key = "feed_forward_proj";
        String form = json.text(key, "relu");
        boolean gated = form.startsWith("gated-");
        String name = form.equals("gated-gelu") ? "gelu_new" : form.substring(gated ? "gated-".length() : 0);
        Activation activation =
                Activation.named(name).orElseThrow(() -> json.wrong(key, form, "relu, gated-gelu or gated-silu"));
        int dMlp = json.integer("d_ff");
        return gated ? new Mlp.Gated(dMlp, activation) : new Mlp.Plain(dMlp, activation);
    }

    private static List<Row> rows(boolean gated) {
        Rows rows = new Rows().tokens("shared.weight");
        distances(rows, "encoder");
        attention(rows, "encoder.{l}.attn.", "encoder" + SELF);
        rows.rmsNorm("encoder.{l}.ln1", "encoder.block.{l}.layer.0.layer_norm");
        rows.rmsNorm("encoder.{l}.ln2", "encoder.block.{l}.layer.1.layer_norm");
        mlp(rows, "encoder.{l}.mlp.", "encoder.block.{l}.layer.1.DenseReluDense.", gated);
        rows.rmsNorm("encoder_final_ln", "encoder.final_layer_norm");
        distances(rows, "decoder");
        attention(rows, "decoder.{l}.attn.", "decoder" + SELF);
        rows.rmsNorm("decoder.{l}.ln1", "decoder.block.{l}.layer.0.layer_norm");
        attention(rows, "decoder.{l}.cross_attn.", "decoder" + CROSS);
        rows.rmsNorm("decoder.{l}.ln2", "decoder.block.{l}.layer.1.layer_norm");
        rows.rmsNorm("decoder.{l}.ln3", "decoder.block.{l}.layer.2.layer_norm");
        mlp(rows, "decoder.{l}.mlp.", "decoder.block.{l}.layer.2.DenseReluDense.", gated);
        rows.rmsNorm("decoder_final_ln", "decoder.final_layer_norm");
        return rows.unembed("lm_head.weight").list();
    }

    private static void distances(Rows rows, String stack) {
        rows.add(Row.of(
                stack + ".0.attn.rel_pos_bias.weight",
                stack + ".block.0.layer.0.SelfAttention.relative_attention_bias.weight",
                "r h -> r h"));
    }

    private static void attention(Rows rows, String ours, String theirs) {
        for (String which : List.of("Q", "K", "V")) {
            String axis = which.equals("Q") ? "h" : "g";
            rows.add(Row.of(
                    ours + "W_" + which,
                    theirs + which.toLowerCase(java.util.Locale.ROOT) + ".weight",
                    "(%s d) m -> %s m d".formatted(axis, axis)));
            rows.add(Row.zero(ours + "b_" + which, axis + " d"));
        }
        rows.add(Row.of(ours + "W_O", theirs + "o.weight", "m (h d) -> h d m"));
        rows.add(Row.zero(ours + "b_O", "m"));
    }

    private static void mlp(Rows rows, String ours, String theirs, boolean gated) {
        if (gated) {
            rows.add(Row.of(ours + "W_gate", theirs + "wi_0.weight", "f m -> m f"));
        }
        rows.add(Row.of(ours + "W_in", theirs + (gated ? "wi_1" : "wi") + ".weight", "f m -> m f"));
        rows.add(Row.zero(ours + "b_in", "f"));
        rows.add(Row.of(ours + "W_out", theirs + "wo.weight", "m f -> f m"));
        rows.add(Row.zero(ours + "b_out", "m"));
    }

    @Override
    public Set<String> ignoredKeys() {
        return Set.of("dense_act_fn", "initializer_factor", "is_gated_act", "output_past");
    }
}
