package org.lens4j.analysis.logits;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.lens4j.analysis.Axis;
import org.lens4j.analysis.Grid;
import org.lens4j.cache.ActivationCache;
import org.lens4j.error.RangeException;
import org.lens4j.model.HookedModel;
import org.lens4j.model.HookedTransformer;
import org.lens4j.tensor.Kernels;
import org.lens4j.tensor.Scope;
import org.lens4j.text.TokenLabels;
import org.lens4j.text.Tokens;

/**
 * All a lens shows of one run: what the model would say if it stopped at each place of the residual stream, how sure it would
 * be, and how far that is from what it says in the end. Every grid has the axes {@code component} (labelled as TransformerLens
 * labels {@code accumulated_resid}) and {@code pos}.
 *
 * <pre>{@code
 * LensReading seen = LensReading.of(model, tokens, LensOptions.defaults().withTarget(mary));
 * seen.kl();      // [component pos], nats, 0 at final_post
 * seen.rank();    // [target component pos], 0 where the target is the likeliest
 * }</pre>
 *
 * @param lens the likeliest tokens and their probabilities
 * @param entropy of the next token's distribution, in nats
 * @param kl the divergence of that distribution from the model's own, {@code KL(final || here)}, in nats
 * @param loss surprise at the token that really follows, in nats; {@code NaN} at the last position, and where the model reads
 *     other tokens than it says
 * @param rank {@code [target component pos]}: how many tokens are likelier than a target
 * @param targetProbability {@code [target component pos]}
 */
public record LensReading(LogitLens lens, Grid entropy, Grid kl, Grid loss, Grid rank, Grid targetProbability) {
    private static final String ENTROPY = "Entropy of the next token";
    private static final String KL = "Divergence from the final distribution";
    private static final String LOSS = "Surprise at the token that follows";
    private static final String RANK = "Rank of the target";
    private static final String PROBABILITY = "Probability of the target";

    /**
     * Runs the model once and reads every place.
     *
     * @param tokens the first sequence counts
     * @throws RangeException if the options ask for more tokens than there are, or for a target outside the vocabulary
     */
    public static LensReading of(HookedTransformer model, Tokens tokens, LensOptions options) {
        requireTargets(model, options.targets());
        List<ResidualPoint> points = options.points(model.config());
        String[] names = points.stream().map(it -> it.name().full()).toArray(String[]::new);
        Tokens first = tokens.sequences(0);
        Sheet sheet = new Sheet(model, first, points, options.targets());
        try (ActivationCache cache = model.cache(first, names);
                Scope outer = Scope.root()) {
            // The last place comes first: the others are compared with it.
            NDArray end = outer.alias(cache.get(names[names.length - 1]));
            NDArray last = outer.adopt(Kernels.call("log_softmax", model.unembed(end)));
            NDArray ids = first.tensor(outer);
            List<List<List<Prediction>>> top = new ArrayList<>();
            for (int component = 0; component < names.length; component++) {
                try (Scope inside = new Scope(outer)) {
                    NDArray residual = inside.alias(cache.get(names[component]));
                    NDArray logits = model.unembed(options.translated(points.get(component), residual, inside));
                    top.add(TopTokens.of(model, logits, options.top()));
                    sheet.put(component, logits, last, ids);
                }
            }
            return sheet.reading(top);
        }
    }

    private static void requireTargets(HookedTransformer model, List<Long> targets) {
        int size = model.config().dVocabOut();
        targets.stream().filter(it -> it < 0 || it >= size).findFirst().ifPresent(it -> {
            throw new RangeException(
                    "Token %d is to be followed, and %s says tokens 0 to %d. Is it another model's token?"
                            .formatted(it, model.name(), size - 1));
        });
    }

    /** The grids while they fill, one component after the other. */
    private record Sheet(
            HookedTransformer model,
            Tokens tokens,
            List<ResidualPoint> points,
            List<Long> targets,
            Map<String, float[]> values) {
        Sheet(HookedTransformer model, Tokens tokens, List<ResidualPoint> points, List<Long> targets) {
            this(model, tokens, points, targets, new LinkedHashMap<>());
            for (String title : List.of(ENTROPY, KL, LOSS)) {
                float[] empty = new float[points.size() * tokens.pos()];
                Arrays.fill(empty, Float.NaN);
                values.put(title, empty);
            }
            for (String title : List.of(RANK, PROBABILITY)) {
                values.put(title, new float[targets.size() * points.size() * tokens.pos()]);
            }
        }

        /**
         * Fills in one component.
         *
         * @param logits {@code [1 pos d_vocab]}
         * @param last natural logs of the final probabilities, {@code [1 pos d_vocab]}
         * @param ids int64 {@code [1 pos]}
         */
        void put(int component, NDArray logits, NDArray last, NDArray ids) {
            int[] vocabulary = {-1};
            NDArray logProbs = Kernels.call("log_softmax", logits);
            put(ENTROPY, component, logProbs.exp().mul(logProbs).sum(vocabulary).neg());
            put(
                    KL,
                    component,
                    logProbs.sub(last).mul(last.exp()).sum(vocabulary).neg());
            if (tokens.pos() > 1 && model.config().dVocab() == model.config().dVocabOut()) {
                put(LOSS, component, Kernels.call("next_token_loss", logits, ids));
            }
            for (int target = 0; target < targets.size(); target++) {
                NDIndex index = new NDIndex().addAllDim(2).addSliceDim(targets.get(target), targets.get(target) + 1);
                NDArray likelier = logits.gt(logits.get(index)).toType(DataType.FLOAT32, false);
                int row = target * points.size() + component;
                put(RANK, row, likelier.sum(vocabulary));
                put(PROBABILITY, row, logProbs.get(index).exp());
            }
        }

        private void put(String title, int row, NDArray numbers) {
            float[] found = numbers.toFloatArray();
            float[] whole = Objects.requireNonNull(values.get(title));
            System.arraycopy(found, 0, whole, row * tokens.pos(), found.length);
        }

        LensReading reading(List<List<List<Prediction>>> top) {
            List<String> components = points.stream().map(ResidualPoint::label).toList();
            List<String> positions = TokenLabels.labels(tokens.strings(0));
            return new LensReading(
                    LogitLens.of(components, positions, top),
                    grid(ENTROPY, "nats", components, positions),
                    grid(KL, "nats", components, positions),
                    grid(LOSS, "nats", components, positions),
                    followed(RANK, "rank", components, positions),
                    followed(PROBABILITY, "probability", components, positions));
        }

        private Grid grid(String title, String unit, List<String> components, List<String> positions) {
            List<Axis> axes = List.of(new Axis("component", components), new Axis("pos", positions));
            return new Grid(title, unit, axes, Objects.requireNonNull(values.get(title)));
        }

        private Grid followed(String title, String unit, List<String> components, List<String> positions) {
            List<String> names = targets.stream().map(id -> label(model, id)).toList();
            List<Axis> axes =
                    List.of(new Axis("target", names), new Axis("component", components), new Axis("pos", positions));
            return new Grid(title, unit, axes, Objects.requireNonNull(values.get(title)));
        }

        private static String label(HookedModel model, long id) {
            return model.hasTokenizer() ? TokenLabels.visible(model.tokenizer().string(id)) : Long.toString(id);
        }
    }
}
