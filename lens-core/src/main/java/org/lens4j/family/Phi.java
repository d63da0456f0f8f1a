package org.lens4j.family;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.lens4j.config.Attention;
import org.lens4j.config.Mlp;
import org.lens4j.config.ModelConfig;
import org.lens4j.config.Norms;
import org.lens4j.config.PositionEmbedding;
import org.lens4j.config.Sizes;

/**
 * Phi-1, 1.5 and 2 (Gunasekar et al., 2023): rotation of a part of each head, attention and MLP side by side behind one norm,
 * biases everywhere, on the logits too. As in TransformerLens the one norm appears as both {@code ln1} and {@code ln2}.
 */
final class Phi implements Family {
    private static final String NAME = "PhiForCausalLM";

    @Override
    public Set<String> architectures() {
        return Set.of(NAME);
    }

    @Override
    public Blueprint read(ConfigJson json) {
        Sizes sizes = LlamaLike.sizes(json, 2048);
        Attention heads = LlamaLike.attention(json, sizes);
        ConfigFields.mustBe(json, "qk_layernorm", false);
        PositionEmbedding rotary = LlamaLike.rotary(json, heads, json.number("partial_rotary_factor", 0.5));
        Mlp mlp = new Mlp.Plain(
                json.integer("intermediate_size", 4 * sizes.dModel()),
                ConfigFields.activation(json, "hidden_act", "gelu_new"));
        Norms norms = Norms.layerNorm((float) json.number("layer_norm_eps", 1e-5));
        ModelConfig config = ModelConfig.of(NAME, sizes, rotary, norms, heads, mlp)
                .withParallel(true)
                .withBos(json.integer("bos_token_id", -1));
        return new Blueprint(
                config, rows(heads), new Blueprint.Tensors(LlamaLike.PREFIXES, json.tied(false), LlamaLike.IGNORED));
    }

    private static List<Row> rows(Attention heads) {
        String block = "layers.{l}.";
        Rows rows = new Rows().tokens("embed_tokens.weight").layerNorm("blocks.{l}.ln1", block + "input_layernorm");
        return LlamaLike.heads(rows, heads, true)
                .attentionOut(block + "self_attn.dense", true)
                .layerNorm("blocks.{l}.ln2", block + "input_layernorm")
                .plainMlp(block + "mlp.fc1", block + "mlp.fc2")
                .layerNorm("ln_final", "final_layernorm")
                .unembed("lm_head.weight", Optional.of("lm_head.bias"))
                .list();
    }

    @Override
    public Set<String> ignoredKeys() {
        return Set.of();
    }
}
