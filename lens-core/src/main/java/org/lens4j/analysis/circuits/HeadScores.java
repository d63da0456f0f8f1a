package org.lens4j.analysis.circuits;

import ai.djl.ndarray.NDArray;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.lens4j.analysis.Axis;
import org.lens4j.analysis.Grid;
import org.lens4j.cache.ActivationCache;
import org.lens4j.config.ModelConfig;
import org.lens4j.error.UsageException;
import org.lens4j.model.HookedTransformer;
import org.lens4j.text.Tokens;

/**
 * How much each head attends where a known kind of head attends: a grid {@code [layer head]} of numbers from 0 to 1, the
 * attention paid to the expected positions, averaged over all queries that have one. TransformerLens:
 * {@code detect_head} with its three named patterns.
 *
 * <pre>{@code
 * Tokens tokens = RepeatedTokens.random(model.config(), 16, 60, 1);
 * float score = HeadScores.induction(model, tokens).at(1, 3);     // head 3 of layer 1
 * }</pre>
 */
public final class HeadScores {
    private HeadScores() {}

    /** The keys one query should attend to. */
    private interface Expected {
        List<Integer> keys(List<Long> ids, int query);
    }

    /** Attention to the token before. */
    public static Grid previousToken(HookedTransformer model, Tokens tokens) {
        return scores("previous token", model, tokens, (ids, query) -> query == 0 ? List.of() : List.of(query - 1));
    }

    /** Attention to earlier copies of the same token. */
    public static Grid duplicateToken(HookedTransformer model, Tokens tokens) {
        return scores("duplicate token", model, tokens, HeadScores::copies);
    }

    /** Attention to the tokens that followed earlier copies of the same token (Olsson et al., 2022). */
    public static Grid induction(HookedTransformer model, Tokens tokens) {
        return scores("induction", model, tokens, (ids, query) -> copies(ids, query).stream()
                .map(key -> key + 1)
                .toList());
    }

    private static List<Integer> copies(List<Long> ids, int query) {
        return IntStream.range(0, query)
                .filter(key -> ids.get(key).equals(ids.get(query)))
                .boxed()
                .toList();
    }

    /** A place in an attention pattern of one head. */
    private record Cell(int row, int query, int key) {}

    private static Grid scores(String kind, HookedTransformer model, Tokens tokens, Expected expected) {
        List<Cell> cells = new ArrayList<>();
        int queries = 0;
        for (int row = 0; row < tokens.batch(); row++) {
            for (int query = 0; query < tokens.pos(); query++) {
                List<Integer> keys = expected.keys(tokens.ids(row), query);
                queries += keys.isEmpty() ? 0 : 1;
                for (int key : keys) {
                    cells.add(new Cell(row, query, key));
                }
            }
        }
        if (queries == 0) {
            throw new UsageException(
                    "No token of this text has a position to which %s heads attend. Give a text in which tokens come twice: RepeatedTokens.random(config, rows, length, seed)."
                            .formatted(kind));
        }
        ModelConfig config = model.config();
        float[] scores = new float[config.nLayers() * config.nHeads()];
        try (ActivationCache cache = model.cache(tokens, "blocks.*.attn.hook_pattern")) {
            for (int layer = 0; layer < config.nLayers(); layer++) {
                // [batch head query_pos key_pos]
                NDArray pattern = cache.get("blocks." + layer + ".attn.hook_pattern");
                float[] attention = pattern.toFloatArray();
                for (int head = 0; head < config.nHeads(); head++) {
                    scores[layer * config.nHeads() + head] = (float)
                            (sum(attention, cells, head, pattern.getShape().getShape()) / queries);
                }
            }
        }
        return new Grid(
                kind + " heads",
                "score",
                List.of(Axis.counted("layer", config.nLayers()), Axis.counted("head", config.nHeads())),
                scores);
    }

    private static double sum(float[] attention, List<Cell> cells, int head, long[] shape) {
        double sum = 0;
        for (Cell cell : cells) {
            long flat = ((cell.row * shape[1] + head) * shape[2] + cell.query) * shape[3] + cell.key;
            sum += attention[Math.toIntExact(flat)];
        }
        return sum;
    }
}
