package org.lens4j.analysis.circuits;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.lens4j.analysis.Axis;
import org.lens4j.analysis.Grid;
import org.lens4j.config.Mlp;
import org.lens4j.error.RangeException;
import org.lens4j.error.UsageException;
import org.lens4j.model.HookedTransformer;
import org.lens4j.tensor.Autograd;
import org.lens4j.tensor.Kernels;
import org.lens4j.tensor.Scope;
import org.lens4j.tensor.Slice;
import org.lens4j.text.TokenLabels;

/**
 * The strongest singular directions of a weight as tokens (Millidge and Black, 2022): for each direction of the residual stream
 * the tokens whose logits it raises most and, as a direction has two ends, those it lowers most. Made for processed weights,
 * whose unembedding holds the last norm's gain. TransformerLens: {@code SVDInterpreter}.
 *
 * <pre>{@code
 * SingularDirections.of(model, new WeightPlace.Ov(22, 10), 5, 10).tokens(0)
 * }</pre>
 *
 * @param scores logits {@code [direction token]}; tokens are {@code +1}, {@code +2}, … that are raised and {@code -1}, … that
 *     are lowered
 * @param vectors the directions themselves, each of length 1, {@code [direction d_model]}
 * @param directions strongest first
 */
public record SingularDirections(Grid scores, Grid vectors, List<Direction> directions) {
    /**
     * A token and what a direction of length 1 does to its logit.
     *
     * @param id in the vocabulary
     * @param text decoded; the id where there is no tokenizer
     * @param logit what is added
     */
    public record TokenScore(long id, String text, float logit) {}

    /**
     * One direction.
     *
     * @param singularValue how strong it is
     * @param raised most raised first
     * @param lowered most lowered first
     */
    public record Direction(float singularValue, List<TokenScore> raised, List<TokenScore> lowered) {
        /** Copies the lists. */
        public Direction {
            raised = List.copyOf(raised);
            lowered = List.copyOf(lowered);
        }
    }

    /** Copies the list. */
    public SingularDirections {
        directions = List.copyOf(directions);
    }

    /**
     * Decomposes a weight.
     *
     * @param count how many directions, from 1
     * @param top how many tokens at each end, from 1
     * @throws RangeException if there is no such layer or head, or not so many directions or tokens
     * @throws UsageException if the model has no such weight
     */
    public static SingularDirections of(HookedTransformer model, WeightPlace place, int count, int top) {
        RangeException.index("layer", place.layer(), model.config().nLayers(), model.name());
        return Autograd.recording(false, () -> {
            try (Scope scope = Scope.root()) {
                NDList found = decomposed(model, place, scope);
                // [d_model k], one direction in each column
                NDArray vectors = found.get(1);
                int most = Math.toIntExact(vectors.getShape().get(1));
                int said = model.config().dVocabOut();
                require("directions", count, most, place);
                require("tokens", top, said, place);
                float[] strengths = found.get(0).toFloatArray();
                NDArray strongest = Kernels.call("transposed", Slice.to(count).of(vectors, 1, "direction"));
                NDArray logits =
                        Kernels.call("matmul", strongest, model.parameters().get("unembed.W_U"));
                NDList up = logits.topK(top, -1, true, true);
                NDList down = logits.topK(top, -1, false, true);
                List<Direction> directions = new ArrayList<>();
                List<List<TokenScore>> raised = rows(model, up, count);
                List<List<TokenScore>> lowered = rows(model, down, count);
                for (int i = 0; i < count; i++) {
                    directions.add(new Direction(strengths[i], raised.get(i), lowered.get(i)));
                }
                return new SingularDirections(grid(place, directions, top), vectors(place, strongest), directions);
            }
        });
    }

    private static void require(String what, int asked, int most, WeightPlace place) {
        if (asked < 1 || asked > most) {
            throw new RangeException("%d %s of %s are asked for. Ask for 1 to %d.".formatted(asked, what, place, most));
        }
    }

    /** Singular values and the vectors of the residual stream. */
    private static NDList decomposed(HookedTransformer model, WeightPlace place, Scope scope) {
        if (place instanceof WeightPlace.Ov head) {
            FactoredMatrix.Svd svd =
                    HeadMatrices.ov(model, head.layer(), head.head(), scope).svd();
            return new NDList(svd.s(), svd.v());
        }
        if (!(model.config().mlp() instanceof Mlp.Plain || model.config().mlp() instanceof Mlp.Gated)) {
            throw new UsageException("%s has no %s: %s. Ask for a head: new WeightPlace.Ov(%d, 0)."
                    .formatted(
                            model.name(),
                            place,
                            model.config().dMlp() == 0
                                    ? "it has no MLPs"
                                    : "its MLPs are mixtures of experts, each with its own",
                            place.layer()));
        }
        String block = "blocks.%d.".formatted(place.layer());
        if (place instanceof WeightPlace.WOut) {
            NDList svd = Kernels.callForList(
                    "dense_svd", scope.alias(model.parameters().get(block + "mlp.W_out")));
            return new NDList(svd.get(1), svd.get(2));
        }
        NDArray in = scope.alias(model.parameters().get(block + "mlp.W_in"));
        NDArray gained = model.parameters().has(block + "ln2.w")
                ? Kernels.call(
                        "transposed",
                        Kernels.call(
                                "gain",
                                Kernels.call("transposed", in),
                                model.parameters().get(block + "ln2.w")))
                : in;
        NDList svd = Kernels.callForList("dense_svd", gained);
        return new NDList(svd.get(1), svd.get(0));
    }

    private static List<List<TokenScore>> rows(HookedTransformer model, NDList found, int count) {
        float[] logits = found.get(0).toFloatArray();
        long[] ids = found.get(1).toLongArray();
        int top = ids.length / count;
        return IntStream.range(0, count)
                .mapToObj(row -> IntStream.range(row * top, (row + 1) * top)
                        .mapToObj(i -> new TokenScore(ids[i], text(model, ids[i]), logits[i]))
                        .toList())
                .toList();
    }

    private static String text(HookedTransformer model, long id) {
        return Optional.of(model)
                .filter(HookedTransformer::hasTokenizer)
                .map(it -> it.tokenizer().string(id))
                .orElseGet(() -> Long.toString(id));
    }

    private static Grid vectors(WeightPlace place, NDArray strongest) {
        return new Grid(
                "Singular vectors of " + place,
                "activation",
                List.of(
                        Axis.counted(
                                "direction",
                                Math.toIntExact(strongest.getShape().get(0))),
                        Axis.counted(
                                "d_model", Math.toIntExact(strongest.getShape().get(1)))),
                strongest.toFloatArray());
    }

    private static Grid grid(WeightPlace place, List<Direction> directions, int top) {
        List<String> places = new ArrayList<>();
        IntStream.rangeClosed(1, top).forEach(i -> places.add("+" + i));
        IntStream.rangeClosed(1, top).forEach(i -> places.add("-" + i));
        float[] values = new float[directions.size() * 2 * top];
        int at = 0;
        for (Direction direction : directions) {
            for (TokenScore score : direction.raised()) {
                values[at++] = score.logit();
            }
            for (TokenScore score : direction.lowered()) {
                values[at++] = score.logit();
            }
        }
        return new Grid(
                "Singular directions of " + place,
                "logit",
                List.of(Axis.counted("direction", directions.size()), new Axis("token", places)),
                values);
    }

    /** The tokens of a direction in one line: what it raises, then what it lowers. */
    public String tokens(int direction) {
        RangeException.index("direction", direction, directions.size(), "This result");
        Direction one = directions.get(direction);
        return "%s | %s".formatted(words(one.raised()), words(one.lowered()));
    }

    private static String words(List<TokenScore> scores) {
        return String.join(
                " ", scores.stream().map(it -> TokenLabels.visible(it.text())).toList());
    }
}
