package org.lens4j.analysis.patching;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.lens4j.error.ShapeException;
import org.lens4j.error.UsageException;
import org.lens4j.hook.HookName;
import org.lens4j.model.HookedTransformer;
import org.lens4j.tensor.Axes;
import org.lens4j.tensor.Kernels;
import org.lens4j.tensor.Scope;
import org.lens4j.text.Tokens;

/** What an ablation writes in place of activations. */
public final class Instead {
    private final Source source;

    private Instead(Source source) {
        this.source = source;
    }

    Source source() {
        return source;
    }

    static Instead zero(HookedTransformer model, Tokens tokens, PatchSite site) {
        return new Instead(new Zeros(model, tokens, site));
    }

    static Instead mean(HookedTransformer model, Tokens tokens, Tokens dataset, PatchSite site) {
        Axes axes = site.point().axes();
        if (axes.indexOf("pos") != 1) {
            throw new UsageException(
                    "%s has the axes %s, and a mean over tokens needs [batch pos ..]. Use zero or resample."
                            .formatted(site.point().template(), axes));
        }
        model.check(dataset);
        Scope scope = Scope.root();
        Map<HookName, NDArray> means = new LinkedHashMap<>();
        try (OtherRun run = OtherRun.of(model, dataset, site);
                Scope inside = Scope.root()) {
            NDArray counts = dataset.attended(inside)
                    .map(it -> it.toType(DataType.FLOAT32, true))
                    .orElseGet(() -> inside.constant(1, new Shape(dataset.batch(), dataset.pos())));
            for (int layer : site.layersOf(model.config().nLayers(), model.name())) {
                HookName name = new HookName(site.point(), layer);
                try (NDArray mean = Kernels.call("token_mean", run.at(name, inside), counts)) {
                    means.put(name, scope.copy(mean));
                }
            }
        } catch (RuntimeException | Error e) {
            scope.close();
            throw e;
        }
        return new Instead(new Means(new Zeros(model, tokens, site), means, scope));
    }

    static Instead resample(HookedTransformer model, Tokens tokens, Tokens dataset, long seed, PatchSite site) {
        if (dataset.pos() != tokens.pos()) {
            throw new ShapeException(
                    "Prompts of %d tokens cannot stand in for prompts of %d: positions must match. Give a dataset of prompts as long."
                            .formatted(dataset.pos(), tokens.pos()));
        }
        model.check(dataset);
        Random random = new Random(seed);
        int[] drawn = random.ints(tokens.batch(), 0, dataset.batch()).toArray();
        return new Instead(OtherRun.of(model, dataset.sequences(drawn), site));
    }

    /** Zeros of an activation's shape. */
    private record Zeros(HookedTransformer model, Tokens tokens, PatchSite site) implements Source {
        @Override
        public NDArray at(HookName point, Scope scope) {
            return scope.zeros(
                    model.hooks().shape(point, OtherRun.options(site).gates(), tokens.batch(), tokens.pos()));
        }

        @Override
        public void close() {
            // Owns nothing.
        }
    }

    /**
     * The same vector at every token.
     *
     * @param like makes tensors of the shape
     * @param means by point, {@code [1 n]}
     * @param scope owns them
     */
    private record Means(Zeros like, Map<HookName, NDArray> means, Scope scope) implements Source {
        @Override
        public NDArray at(HookName point, Scope owner) {
            NDArray mean = Objects.requireNonNull(means.get(point));
            return Kernels.call("spread", owner.alias(mean), like.at(point, owner));
        }

        @Override
        public void close() {
            scope.close();
        }
    }
}
