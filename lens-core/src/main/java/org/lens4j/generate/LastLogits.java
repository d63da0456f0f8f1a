package org.lens4j.generate;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.index.NDIndex;
import java.util.Arrays;
import java.util.Optional;
import org.lens4j.hook.Hooks;
import org.lens4j.model.HookedTransformer;
import org.lens4j.model.KvCache;
import org.lens4j.model.Run;
import org.lens4j.model.RunOptions;
import org.lens4j.text.Tokens;

/**
 * The logits behind the last token of each row. The unembedding is most of a small model's work and one position of it is
 * needed, so a pass stops after the last block, and only the last position goes on from there.
 */
final class LastLogits {
    private static final NDIndex LAST = new NDIndex(":, -1:");

    private final HookedTransformer model;
    private final GenerateOptions options;

    LastLogits(HookedTransformer model, GenerateOptions options) {
        this.model = model;
        this.options = options;
    }

    /**
     * Reads tokens.
     *
     * @param columns where they stand, for steering
     * @param past what was read before; gets these too
     * @return {@code [row d_vocab]}
     */
    float[][] of(Tokens tokens, Steering.Columns columns, Optional<KvCache> past) {
        Hooks hooks = options.hooks();
        for (Steering steering : options.steering()) {
            hooks = hooks.then(steering.hooks(columns));
        }
        RunOptions plain = RunOptions.defaults().withHooks(hooks);
        int end = model.config().nLayers();
        RunOptions toTheEnd = past.map(plain::withPast).orElse(plain).stopAtLayer(end);
        try (Run blocks = model.run(tokens, toTheEnd)) {
            boolean watched =
                    blocks.neverFired().stream().anyMatch(it -> it.point().afterBlocks());
            if (!watched) {
                return rows(model.unembed(blocks.residual().get(LAST)));
            }
            // Functions behind the blocks are to see every position, as in any run.
            try (Run rest = model.run(tokens, plain.startAtLayer(end, blocks.residual()))) {
                return rows(rest.logits().get(LAST));
            }
        }
    }

    /** To the heap: {@code [row 1 d_vocab]}. */
    private static float[][] rows(NDArray last) {
        int batch = Math.toIntExact(last.getShape().get(0));
        float[] flat = last.toFloatArray();
        int width = flat.length / batch;
        float[][] rows = new float[batch][];
        Arrays.setAll(rows, row -> Arrays.copyOfRange(flat, row * width, (row + 1) * width));
        return rows;
    }
}
