package org.lens4j.model;

import ai.djl.ndarray.NDArray;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.lens4j.config.AttentionSpan;
import org.lens4j.config.ModelConfig;
import org.lens4j.hook.HookName;
import org.lens4j.hook.HookPoint;
import org.lens4j.tensor.Kernels;
import org.lens4j.tensor.Scope;
import org.lens4j.weights.Parameters;

/**
 * The components of a model, built once from its parameters, and the pass through them.
 *
 * @param config the shape
 * @param parameters under TransformerLens's names
 * @param blocks first to last
 * @param lnFinal before the unembedding
 * @param windows how many keys a query sees in each layer, rank 0 each
 */
record Transformer(
        ModelConfig config,
        Parameters parameters,
        List<TransformerBlock> blocks,
        LayerNorm lnFinal,
        List<NDArray> windows) {

    /** Builds the components. Constants they need are put beside the parameters. */
    static Transformer of(ModelConfig config, Parameters parameters) {
        Scope scope = parameters.scope();
        NDArray eps = scope.scalar(config.eps());
        List<TransformerBlock> blocks = new ArrayList<>();
        List<NDArray> windows = new ArrayList<>();
        for (int layer = 0; layer < config.nLayers(); layer++) {
            blocks.add(block(config, parameters, layer, eps));
            AttentionSpan span = config.attention().spans().get(layer);
            long window = span instanceof AttentionSpan.Local local ? local.window() : config.nCtx();
            windows.add(scope.scalar(window));
        }
        LayerNorm lnFinal = new LayerNorm(
                HookPoint.LN_FINAL_SCALE,
                HookPoint.LN_FINAL_NORMALIZED,
                HookName.NO_LAYER,
                parameters.get("ln_final.w"),
                parameters.get("ln_final.b"),
                eps);
        return new Transformer(config, parameters, List.copyOf(blocks), lnFinal, List.copyOf(windows));
    }

    private static TransformerBlock block(ModelConfig config, Parameters parameters, int layer, NDArray eps) {
        String prefix = "blocks." + layer + ".";
        NDArray scale = parameters.scope().scalar(config.attnScale(layer));
        Attention attention = new Attention(
                layer,
                projection(parameters, prefix, "Q"),
                projection(parameters, prefix, "K"),
                projection(parameters, prefix, "V"),
                parameters.get(prefix + "attn.W_O"),
                parameters.get(prefix + "attn.b_O"),
                scale);
        MlpBlock mlp = new MlpBlock(
                layer,
                parameters.get(prefix + "mlp.W_in"),
                parameters.get(prefix + "mlp.b_in"),
                parameters.get(prefix + "mlp.W_out"),
                parameters.get(prefix + "mlp.b_out"),
                config.activation());
        return new TransformerBlock(
                layer,
                layerNorm(parameters, prefix + "ln1", HookPoint.LN1_SCALE, HookPoint.LN1_NORMALIZED, layer, eps),
                attention,
                layerNorm(parameters, prefix + "ln2", HookPoint.LN2_SCALE, HookPoint.LN2_NORMALIZED, layer, eps),
                mlp);
    }

    private static Attention.Projection projection(Parameters parameters, String prefix, String which) {
        return new Attention.Projection(
                parameters.get(prefix + "attn.W_" + which), parameters.get(prefix + "attn.b_" + which));
    }

    private static LayerNorm layerNorm(
            Parameters parameters, String name, HookPoint scale, HookPoint normalized, int layer, NDArray eps) {
        return new LayerNorm(scale, normalized, layer, parameters.get(name + ".w"), parameters.get(name + ".b"), eps);
    }

    /**
     * Embeds and runs blocks. What a block made is freed when it is done, except the residual stream.
     *
     * @param ids int64 {@code [batch pos]}
     * @param stop how many blocks run
     * @param scope owns the result
     * @return the residual stream after block {@code stop - 1}, {@code [batch pos d_model]}
     */
    NDArray residual(NDArray ids, int stop, HookDispatch hooks, Scope scope) {
        NDArray tokens =
                hooks.isOpen(org.lens4j.hook.Gate.TOKENS) ? hooks.at(HookPoint.TOKENS, HookName.NO_LAYER, ids) : ids;
        NDArray embed = hooks.at(HookPoint.EMBED, HookName.NO_LAYER, parameters.rows("embed.W_E", tokens));
        NDArray position = hooks.at(
                HookPoint.POS_EMBED,
                HookName.NO_LAYER,
                Kernels.call("embed_positions", tokens, parameters.get("pos_embed.W_pos")));
        NDArray residual = embed.add(position);
        Map<AttentionSpan, NDArray> masks = new LinkedHashMap<>();
        for (TransformerBlock block : blocks.subList(0, stop)) {
            NDArray mask = masks.computeIfAbsent(
                    config.attention().spans().get(block.layer()),
                    span -> Kernels.call("causal_mask", tokens, windows.get(block.layer())));
            try (Scope inside = new Scope(scope)) {
                residual = inside.keep(block.forward(inside.adopt(residual), mask, hooks));
            }
        }
        return residual;
    }

    /** Normalises the residual stream after the last block: {@code [batch pos d_model]}. */
    NDArray normalized(NDArray residual, HookDispatch hooks) {
        return lnFinal.forward(residual, hooks);
    }

    /** Logits {@code [batch pos d_vocab]} of a normalised residual stream. */
    NDArray unembed(NDArray normalized) {
        return Kernels.call("linear", normalized, parameters.get("unembed.W_U"), parameters.get("unembed.b_U"));
    }
}
