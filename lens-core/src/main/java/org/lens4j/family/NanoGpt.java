package org.lens4j.family;

import java.util.List;
import java.util.Set;
import org.lens4j.config.Activation;
import org.lens4j.config.Attention;
import org.lens4j.config.Mlp;
import org.lens4j.config.ModelConfig;
import org.lens4j.config.Norms;
import org.lens4j.config.PositionEmbedding;
import org.lens4j.config.Sizes;

/**
 * nanoGPT (Karpathy, 2022) as its {@code ckpt.pt} has it: GPT-2 with exact GELU, PyTorch's layout, and biases only where its
 * model_args say so. A compiled model's names begin with {@code _orig_mod.}
 */
final class NanoGpt implements Family {
    private static final String NAME = "nanoGPT";

    @Override
    public Set<String> architectures() {
        return Set.of(NAME);
    }

    @Override
    public boolean recognises(ConfigJson json) {
        return json.has("block_size") && json.has("n_embd");
    }

    @Override
    public Blueprint read(ConfigJson json) {
        int dModel = json.integer("n_embd");
        int nHeads = json.integer("n_head");
        int nLayers = json.integer("n_layer");
        ModelConfig config = ModelConfig.of(
                NAME,
                new Sizes(nLayers, dModel, json.integer("vocab_size"), json.integer("block_size")),
                new PositionEmbedding.Learned(),
                Norms.layerNorm(1e-5f),
                Attention.of(nLayers, nHeads, ConfigFields.headSize(json, dModel, nHeads)),
                new Mlp.Plain(4 * dModel, Activation.GELU));
        return new Blueprint(
                config,
                rows(config.attention(), json.truth("bias", true)),
                new Blueprint.Tensors(
                        List.of("transformer.", "_orig_mod.transformer."),
                        json.tied(true),
                        List.of("h\\.\\d+\\.attn\\.bias", "(_orig_mod\\.)?lm_head\\.weight")));
    }

    private static List<Row> rows(Attention heads, boolean bias) {
        String block = "h.{l}.";
        String fused = block + "attn.c_attn";
        long width = (long) heads.nHeads() * heads.dHead();
        Rows rows = new Rows().tokens("wte.weight").positions("wpe.weight");
        norm(rows, "blocks.{l}.ln1", block + "ln_1", bias);
        String[] names = {"Q", "K", "V"};
        for (int part = 0; part < names.length; part++) {
            String b = "blocks.{l}.attn.b_" + names[part];
            rows.add(Row.of("blocks.{l}.attn.W_" + names[part], fused + ".weight", "(h d) m -> h m d")
                    .from(0, part * width));
            rows.add(bias ? Row.of(b, fused + ".bias", "(h d) -> h d").from(0, part * width) : Row.zero(b, "h d"));
        }
        rows.attentionOut(block + "attn.c_proj", bias);
        norm(rows, "blocks.{l}.ln2", block + "ln_2", bias);
        rows.plainMlp(block + "mlp.c_fc", block + "mlp.c_proj", bias);
        norm(rows, "ln_final", "ln_f", bias);
        return rows.unembed("lm_head.weight").list();
    }

    private static void norm(Rows rows, String ours, String theirs, boolean bias) {
        rows.rmsNorm(ours, theirs)
                .add(bias ? Row.of(ours + ".b", theirs + ".bias", "m -> m") : Row.zero(ours + ".b", "m"));
    }

    @Override
    public Set<String> ignoredKeys() {
        return Set.of();
    }
}
