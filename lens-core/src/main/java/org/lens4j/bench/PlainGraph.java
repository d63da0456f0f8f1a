package org.lens4j.bench;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import java.util.List;
import org.lens4j.config.ModelConfig;
import org.lens4j.model.HookedTransformer;
import org.lens4j.tensor.Autograd;
import org.lens4j.tensor.Kernels;
import org.lens4j.tensor.Scope;
import org.lens4j.text.Tokens;

/** A model of GPT-2's shape as one TorchScript graph with the same weights and no hook point: what hooks are paid against. */
final class PlainGraph implements AutoCloseable {
    private final Scope scope = Scope.root();
    private final NDList weights = new NDList();
    private final NDArray dHead;

    PlainGraph(HookedTransformer model) {
        ModelConfig config = model.config();
        dHead = scope.scalar((long) config.dHead());
        add(model, "embed.W_E");
        add(model, "pos_embed.W_pos");
        for (int layer = 0; layer < config.nLayers(); layer++) {
            String block = "blocks." + layer + ".";
            add(model, block + "ln1.w");
            add(model, block + "ln1.b");
            heads(model, block + "attn.");
            add(model, block + "ln2.w");
            add(model, block + "ln2.b");
            for (String name : List.of("W_in", "b_in", "W_out", "b_out")) {
                add(model, block + "mlp." + name);
            }
        }
        add(model, "ln_final.w");
        add(model, "ln_final.b");
        add(model, "unembed.W_U");
    }

    private void add(HookedTransformer model, String name) {
        weights.add(scope.copy(model.parameters().get(name)));
    }

    /** One matrix for queries, keys and values, as such graphs have it. */
    private void heads(HookedTransformer model, String attention) {
        long width = model.config().dModel();
        NDList matrices = new NDList();
        NDList biases = new NDList();
        for (String which : List.of("Q", "K", "V")) {
            NDArray map = scope.copy(model.parameters().get(attention + "W_" + which));
            matrices.add(map.transpose(1, 0, 2).reshape(width, -1));
            biases.add(
                    scope.copy(model.parameters().get(attention + "b_" + which)).flatten());
        }
        weights.add(scope.copy(NDArrays.concat(matrices, 1)));
        weights.add(scope.copy(NDArrays.concat(biases)));
        weights.add(scope.copy(model.parameters().get(attention + "W_O")).reshape(-1, width));
        add(model, attention + "b_O");
    }

    /** Logits of the last position's first token, so that nothing is left to be computed. */
    float[] logits(Tokens tokens) {
        try (Scope inside = Scope.root()) {
            NDArray ids = tokens.tensor(inside);
            return Autograd.recording(false, () -> Kernels.callWithList("gpt2_graph", weights, ids, dHead)
                    .get("0, -1")
                    .toFloatArray());
        }
    }

    @Override
    public void close() {
        scope.close();
    }
}
