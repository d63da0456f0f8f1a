package org.lens4j.family;

import java.util.List;
import org.lens4j.config.Attention;

/**
 * What the Gemma models share: gains stored as their difference from 1, and a token embedding multiplied by the square root
 * of d_model on its way in, but not on its way out.
 */
final class GemmaLike {
    private static final String BLOCK = "layers.{l}.";

    private GemmaLike() {}

    /**
     * Rows.
     *
     * @param after whether what attention and MLP write is normalised too
     */
    static List<Row> rows(Attention heads, int dModel, boolean bias, boolean after) {
        Rows rows = new Rows()
                .add(Row.of(Row.EMBEDDING, "embed_tokens.weight", "v m -> v m").times(Math.sqrt(dModel)))
                .rmsNormPlusOne("blocks.{l}.ln1", BLOCK + "input_layernorm");
        LlamaLike.heads(rows, heads, bias);
        if (heads.qkNorm()) {
            rows.add(Row.of("blocks.{l}.attn.q_norm.w", BLOCK + "self_attn.q_norm.weight", "d -> d")
                    .plus(1));
            rows.add(Row.of("blocks.{l}.attn.k_norm.w", BLOCK + "self_attn.k_norm.weight", "d -> d")
                    .plus(1));
        }
        rows.attentionOut(BLOCK + "self_attn.o_proj", bias);
        if (after) {
            rows.rmsNormPlusOne("blocks.{l}.ln1_post", BLOCK + "post_attention_layernorm")
                    .rmsNormPlusOne("blocks.{l}.ln2", BLOCK + "pre_feedforward_layernorm")
                    .rmsNormPlusOne("blocks.{l}.ln2_post", BLOCK + "post_feedforward_layernorm");
        } else {
            rows.rmsNormPlusOne("blocks.{l}.ln2", BLOCK + "post_attention_layernorm");
        }
        return rows.gatedMlp(BLOCK + "mlp.gate_proj", BLOCK + "mlp.up_proj", BLOCK + "mlp.down_proj")
                .rmsNormPlusOne("ln_final", "norm")
                .unembed("lm_head.weight")
                .list();
    }
}
