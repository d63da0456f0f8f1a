package org.lens4j.family;

import java.util.List;
import java.util.Set;
import org.lens4j.config.Attention;
import org.lens4j.config.Mlp;
import org.lens4j.config.ModelConfig;
import org.lens4j.config.Norms;
import org.lens4j.config.PositionEmbedding;
import org.lens4j.config.Sizes;

/**
 * StarCoder (GPTBigCode) and SantaCoder (Li et al., 2023): GPT-2 where all heads share one head of keys and values.
 * TransformerLens repeats SantaCoder's keys and values for every head; here they stay as stored, and
 * {@code withUngroupedGqa} repeats them. StarCoder keeps linear layers as {@code [out in]}, SantaCoder as {@code [in out]}.
 */
final class BigCode implements Family {
    private static final String STAR = "GPTBigCodeForCausalLM";
    private static final String SANTA = "GPT2LMHeadCustomModel";

    @Override
    public Set<String> architectures() {
        return Set.of(STAR, SANTA);
    }

    @Override
    public Blueprint read(ConfigJson json) {
        boolean santa = json.architectures().contains(SANTA);
        int dModel = json.integer("n_embd");
        int nHeads = json.integer("n_head");
        int nLayers = json.integer("n_layer");
        boolean shared = santa
                ? json.text("attention_head_type", "multiquery").equals("multiquery")
                : json.truth("multi_query", true);
        if (santa && !shared) {
            throw json.wrong("attention_head_type", json.text("attention_head_type", ""), "multiquery");
        }
        // Only SantaCoder's code knows the key; StarCoder's passes over it.
        boolean byLayer = json.truth("scale_attn_by_inverse_layer_idx", false);
        Attention heads = Attention.of(nLayers, nHeads, ConfigFields.headSize(json, dModel, nHeads))
                .withKvHeads(shared ? 1 : nHeads)
                .withScaledByLayer(santa && byLayer);
        ConfigFields.mustBe(json, "scale_attn_weights", true);
        ModelConfig config = ModelConfig.of(
                        santa ? SANTA : STAR,
                        new Sizes(nLayers, dModel, json.integer("vocab_size"), json.integer("n_positions", 1024)),
                        new PositionEmbedding.Learned(),
                        Norms.layerNorm((float) json.number("layer_norm_epsilon", 1e-5)),
                        heads,
                        new Mlp.Plain(
                                json.integer("n_inner", 4 * dModel),
                                ConfigFields.activation(json, "activation_function", "gelu_pytorch_tanh")))
                .withBos(json.integer("bos_token_id", -1));
        return new Blueprint(
                config,
                santa ? santa(heads) : star(heads),
                new Blueprint.Tensors(
                        List.of("transformer.", ""), json.tied(true), List.of("h\\.\\d+\\.attn\\.(masked_)?bias")));
    }

    private static List<Row> star(Attention heads) {
        String block = "h.{l}.";
        Rows rows = start(block);
        if (heads.grouped()) {
            shared(rows, heads, block + "attn.c_attn", "(h d) m -> h m d", "(g d) m -> g m d", 0);
        } else {
            rows.fusedHeads(block + "attn.c_attn", "h qkv d");
        }
        return rows.attentionOut(block + "attn.c_proj", true)
                .layerNorm("blocks.{l}.ln2", block + "ln_2")
                .plainMlp(block + "mlp.c_fc", block + "mlp.c_proj")
                .layerNorm("ln_final", "ln_f")
                .unembed("lm_head.weight")
                .list();
    }

    private static List<Row> santa(Attention heads) {
        String block = "h.{l}.";
        String ours = "blocks.{l}.";
        Rows rows = start(block)
                .add(Row.of(ours + "attn.W_Q", block + "attn.q_attn.weight", "m (h d) -> h m d"))
                .add(Row.of(ours + "attn.b_Q", block + "attn.q_attn.bias", "(h d) -> h d"));
        keys(rows, block + "attn.kv_attn", "m (g d) -> g m d", 1, 0, heads.dHead());
        return rows.add(Row.of(ours + "attn.W_O", block + "attn.c_proj.weight", "(h d) m -> h d m"))
                .add(Row.of(ours + "attn.b_O", block + "attn.c_proj.bias", "m -> m"))
                .layerNorm(ours + "ln2", block + "ln_2")
                .add(Row.of(ours + "mlp.W_in", block + "mlp.c_fc.weight", "m f -> m f"))
                .add(Row.of(ours + "mlp.b_in", block + "mlp.c_fc.bias", "f -> f"))
                .add(Row.of(ours + "mlp.W_out", block + "mlp.c_proj.weight", "f m -> f m"))
                .add(Row.of(ours + "mlp.b_out", block + "mlp.c_proj.bias", "m -> m"))
                .layerNorm("ln_final", "ln_f")
                .unembed("lm_head.weight")
                .list();
    }

    private static Rows start(String block) {
        return new Rows().tokens("wte.weight").positions("wpe.weight").layerNorm("blocks.{l}.ln1", block + "ln_1");
    }

    /** All queries, then the one head of keys, then that of values, along one axis. */
    private static void shared(Rows rows, Attention heads, String theirs, String queries, String keys, int axis) {
        long width = (long) heads.nHeads() * heads.dHead();
        rows.add(Row.of("blocks.{l}.attn.W_Q", theirs + ".weight", queries).from(axis, 0));
        rows.add(Row.of("blocks.{l}.attn.b_Q", theirs + ".bias", "(h d) -> h d").from(0, 0));
        keys(rows, theirs, keys, axis, width, heads.dHead());
    }

    private static void keys(Rows rows, String theirs, String layout, int axis, long from, long dHead) {
        String[] names = {"K", "V"};
        for (int i = 0; i < names.length; i++) {
            long start = from + i * dHead;
            rows.add(Row.of("blocks.{l}.attn._W_" + names[i], theirs + ".weight", layout)
                    .from(axis, start));
            rows.add(Row.of("blocks.{l}.attn._b_" + names[i], theirs + ".bias", "(g d) -> g d")
                    .from(0, start));
        }
    }

    @Override
    public Set<String> ignoredKeys() {
        return Set.of(
                "attention_softmax_in_fp32",
                "inference_runner",
                "max_batch_size",
                "max_sequence_length",
                "pad_key_length",
                "pre_allocate_kv_cache",
                "runner_max_sequence_length",
                "scale_attention_softmax_in_fp32",
                "reorder_and_upcast_attn",
                "summary_activation",
                "summary_first_dropout",
                "summary_proj_to_labels",
                "summary_type",
                "summary_use_proj",
                "validate_runner_input",
                "n_ctx");
    }
}
