package org.lens4j.analysis.diff;

import ai.djl.ndarray.NDArray;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.lens4j.analysis.Axis;
import org.lens4j.analysis.Grid;
import org.lens4j.cache.ActivationCache;
import org.lens4j.config.ModelConfig;
import org.lens4j.error.ShapeException;
import org.lens4j.error.UsageException;
import org.lens4j.hook.HookCatalogue;
import org.lens4j.hook.HookName;
import org.lens4j.hook.HookPoint;
import org.lens4j.model.HookedTransformer;
import org.lens4j.model.Run;
import org.lens4j.tensor.Kernels;
import org.lens4j.tensor.Scope;
import org.lens4j.text.TokenLabels;
import org.lens4j.text.Tokens;

/**
 * Where two models of one shape part on one prompt: a model and its fine-tuned child, or one model with raw and with processed
 * weights.
 *
 * <pre>{@code
 * ModelDiff parted = ModelDiff.of(model.raw(), model.processed(), "When Mary and John");
 * parted.activations();    // [hook_point layer]: 0 alike, 1 as far apart as the first is from nothing
 * }</pre>
 *
 * @param activations the length of the difference over the length of the first model's activation,
 *     {@code [hook_point layer]}; {@code NaN} where a layer has no such point, or the first is 0 and the other is not
 * @param outside the same for points that stand in no block, {@code [hook_point]}
 * @param patternMax the greatest difference of two attention probabilities, {@code [layer head]}
 * @param patternMean the mean over queries of half the sum of absolute differences, 0 to 1: how much of a query's attention goes
 *     elsewhere, {@code [layer head]}
 * @param nextToken the divergence of the second model's next-token distribution from the first's, {@code KL(first || second)},
 *     in nats, {@code [pos]}
 */
public record ModelDiff(Grid activations, Grid outside, Grid patternMax, Grid patternMean, Grid nextToken) {
    private static final String RELATIVE = "relative difference";

    /**
     * Runs both on a text.
     *
     * @throws UsageException if the text is other tokens for the second model
     * @throws ShapeException if they have different shapes; names what differs
     */
    public static ModelDiff of(HookedTransformer first, HookedTransformer second, String text) {
        Tokens tokens = first.tokens(text);
        Tokens others = second.tokens(text);
        if (!tokens.ids(0).equals(others.ids(0))) {
            throw new UsageException(
                    "\"%s\" is %s for %s and %s for %s, so position by position they read different tokens. Compare models of one tokenizer, or give Tokens both understand."
                            .formatted(text, tokens.strings(0), first.name(), others.strings(0), second.name()));
        }
        return of(first, second, tokens);
    }

    /**
     * Runs both on tokens.
     *
     * @param tokens the first sequence counts
     * @throws ShapeException if they have different shapes; names what differs
     */
    public static ModelDiff of(HookedTransformer first, HookedTransformer second, Tokens tokens) {
        requireSameShape(first, second);
        Tokens one = tokens.sequences(0);
        try (Run a = first.runWithCache(one);
                Run b = second.runWithCache(one)) {
            List<HookName> common = second.hooks().all().stream()
                    .filter(it -> HookCatalogue.isOpen(it, Set.of()))
                    .filter(it -> !it.point().holdsIds() && !it.point().inExpert())
                    .filter(it -> first.hooks().find(it.full()).isPresent())
                    .toList();
            return new ModelDiff(
                    inBlocks(common, first.config().nLayers(), a.cache(), b.cache()),
                    outside(common, a.cache(), b.cache()),
                    patterns("Greatest difference of attention", first.config(), a.cache(), b.cache(), true),
                    patterns("Attention that goes elsewhere", first.config(), a.cache(), b.cache(), false),
                    nextToken(a, b));
        }
    }

    private static void requireSameShape(HookedTransformer first, HookedTransformer second) {
        ModelConfig a = first.config();
        ModelConfig b = second.config();
        List<String> differing = new ArrayList<>();
        note(differing, "layers", a.nLayers(), b.nLayers());
        note(differing, "d_model", a.dModel(), b.dModel());
        note(differing, "heads", a.nHeads(), b.nHeads());
        note(differing, "key-value heads", a.nKvHeads(), b.nKvHeads());
        note(differing, "d_head", a.dHead(), b.dHead());
        note(differing, "d_mlp", a.dMlp(), b.dMlp());
        note(differing, "d_vocab_out", a.dVocabOut(), b.dVocabOut());
        if (!differing.isEmpty()) {
            throw new ShapeException(
                    "%s and %s cannot be compared point by point: they have different shapes (%s). Compare models of one shape."
                            .formatted(first.name(), second.name(), String.join(", ", differing)));
        }
    }

    private static void note(List<String> differing, String what, int a, int b) {
        if (a != b) {
            differing.add("%s %d and %d".formatted(what, a, b));
        }
    }

    private static Grid inBlocks(List<HookName> common, int layers, ActivationCache a, ActivationCache b) {
        List<HookName> inside =
                common.stream().filter(it -> it.point().inBlock()).toList();
        List<String> points = List.copyOf(
                new LinkedHashSet<>(inside.stream().map(ModelDiff::withoutLayer).toList()));
        float[] values = new float[points.size() * layers];
        Arrays.fill(values, Float.NaN);
        for (HookName name : inside) {
            values[points.indexOf(withoutLayer(name)) * layers + name.layer()] = relative(name, a, b);
        }
        return new Grid(
                "Where activations part",
                RELATIVE,
                List.of(new Axis("hook_point", points), Axis.counted("layer", layers)),
                values);
    }

    private static String withoutLayer(HookName name) {
        return name.full().replaceFirst("^blocks\\.\\d+\\.", "");
    }

    private static Grid outside(List<HookName> common, ActivationCache a, ActivationCache b) {
        List<HookName> names =
                common.stream().filter(it -> !it.point().inBlock()).toList();
        float[] values = new float[names.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = relative(names.get(i), a, b);
        }
        List<String> labels = names.stream().map(HookName::full).toList();
        return new Grid(
                "Where activations outside blocks part", RELATIVE, List.of(new Axis("hook_point", labels)), values);
    }

    private static float relative(HookName name, ActivationCache a, ActivationCache b) {
        float[] first = a.get(name.full()).toFloatArray();
        float[] second = b.get(name.full()).toFloatArray();
        double difference = 0;
        double size = 0;
        for (int i = 0; i < first.length; i++) {
            // Masked scores are minus infinity in both.
            if (first[i] != second[i]) {
                difference += ((double) first[i] - second[i]) * ((double) first[i] - second[i]);
            }
            size += Float.isInfinite(first[i]) ? 0 : (double) first[i] * first[i];
        }
        if (difference == 0) {
            return 0;
        }
        return size == 0 ? Float.NaN : (float) Math.sqrt(difference / size);
    }

    private static Grid patterns(
            String title, ModelConfig config, ActivationCache a, ActivationCache b, boolean greatest) {
        int heads = config.nHeads();
        float[] values = new float[config.nLayers() * heads];
        for (int layer = 0; layer < config.nLayers(); layer++) {
            String name = new HookName(HookPoint.PATTERN, layer).full();
            float[] first = a.get(name).toFloatArray();
            float[] second = b.get(name).toFloatArray();
            int each = first.length / heads;
            double queries = Math.sqrt(each);
            for (int head = 0; head < heads; head++) {
                double most = 0;
                double sum = 0;
                for (int i = head * each; i < (head + 1) * each; i++) {
                    double apart = Math.abs((double) first[i] - second[i]);
                    most = Math.max(most, apart);
                    sum += apart;
                }
                values[layer * heads + head] = (float) (greatest ? most : sum / 2 / queries);
            }
        }
        List<Axis> axes = List.of(Axis.counted("layer", config.nLayers()), Axis.counted("head", heads));
        return new Grid(title, "probability", axes, values);
    }

    private static Grid nextToken(Run a, Run b) {
        try (Scope scope = Scope.root()) {
            NDArray first = Kernels.call("log_softmax", scope.alias(a.logits()));
            NDArray second = Kernels.call("log_softmax", scope.alias(b.logits()));
            float[] kl = first.sub(second).mul(first.exp()).sum(new int[] {-1}).toFloatArray();
            return new Grid(
                    "Where next-token distributions part",
                    "nats",
                    List.of(new Axis("pos", TokenLabels.labels(a.tokens().strings(0)))),
                    kl);
        }
    }
}
