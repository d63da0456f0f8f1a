package org.lens4j.train.features;

import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.lens4j.error.ShapeException;
import org.lens4j.error.UnknownNameException;
import org.lens4j.error.UsageException;
import org.lens4j.hook.HookName;
import org.lens4j.hook.Hooks;
import org.lens4j.model.HookedTransformer;
import org.lens4j.model.RunOptions;
import org.lens4j.tensor.Axes;
import org.lens4j.tensor.Scope;
import org.lens4j.text.Tokens;

/**
 * A model with autoencoders in the place of activations. SAELens: {@code HookedSAETransformer}. Owns the autoencoders' tensors,
 * not the model.
 *
 * <pre>{@code
 * try (SplicedModel spliced = SplicedModel.of(model, Splice.of(sae).withErrorTerm());
 *         SplicedRun run = spliced.run(tokens)) {
 *     NDArray acts = run.get("blocks.1.hook_resid_post.hook_sae_acts_post");    // [batch pos d_sae]
 * }
 * }</pre>
 */
public final class SplicedModel implements AutoCloseable {
    private final HookedTransformer model;
    private final Map<Splice, SaeTensors> inside = new LinkedHashMap<>();
    private final Scope scope;

    private SplicedModel(HookedTransformer model, Scope scope) {
        this.model = model;
        this.scope = scope;
    }

    /**
     * Puts autoencoders into a model.
     *
     * @param model stays with the caller, and is not changed
     * @param splices at most one for each hook point
     * @return owned by the caller
     * @throws UnknownNameException if the model has no such hook point
     * @throws ShapeException if an activation there is not as wide as its autoencoder reads
     * @throws UsageException if two stand at one point, or one where there are no positions
     */
    public static SplicedModel of(HookedTransformer model, Splice... splices) {
        for (Splice splice : splices) {
            requireFit(model, splice);
            if (Arrays.stream(splices)
                            .filter(it -> it.hook().equals(splice.hook()))
                            .count()
                    > 1) {
                throw new UsageException(
                        "Two autoencoders are to stand at %s. Put one there, and the other at another point."
                                .formatted(splice.hook()));
            }
        }
        Scope scope = Scope.root();
        SplicedModel spliced = new SplicedModel(model, scope);
        for (Splice splice : splices) {
            spliced.inside.put(splice, SaeTensors.of(splice.sae(), scope));
        }
        return spliced;
    }

    private static void requireFit(HookedTransformer model, Splice splice) {
        HookName name = model.hooks().named(splice.hook());
        Axes axes = model.hooks().axes(name, Set.of());
        boolean rows = axes.indexOf("batch") == 0 && axes.indexOf("pos") == 1 && axes.rank() > 2;
        if (!rows || name.point().holdsIds()) {
            throw new UsageException(
                    "%s has axes %s, and an autoencoder reads a row at each position. Use a point with batch and pos first, such as blocks.0.hook_resid_post."
                            .formatted(splice.hook(), axes));
        }
        Shape shape = model.hooks().shape(name, 1, 1);
        if (shape.size() != splice.sae().dIn()) {
            throw new ShapeException(
                    "The autoencoder of %s reads rows of %d numbers, and %s of %s has %d. Is it another model's?"
                            .formatted(
                                    splice.sae().hook(),
                                    splice.sae().dIn(),
                                    splice.hook(),
                                    model.name(),
                                    shape.size()));
        }
    }

    /** The model inside. */
    public HookedTransformer model() {
        return model;
    }

    /** Names of all points inside the autoencoders. */
    public List<String> names() {
        return inside.keySet().stream()
                .flatMap(splice -> Arrays.stream(SaePoint.values())
                        .filter(point -> point != SaePoint.ERROR || splice.errorTerm())
                        .map(point -> point.in(splice.hook())))
                .toList();
    }

    /** {@link #run(Tokens, SpliceOptions)} without options. */
    public SplicedRun run(Tokens tokens) {
        return run(tokens, SpliceOptions.defaults());
    }

    /**
     * Computes logits through the autoencoders, and keeps every activation inside them. SAELens: {@code run_with_saes},
     * {@code run_with_cache_with_saes}, {@code run_with_hooks_with_saes}.
     *
     * @return owned by the caller
     * @throws UnknownNameException if an edit names a point that is not there
     * @throws org.lens4j.error.HookFailedException if an edit throws or gives back another shape
     */
    public SplicedRun run(Tokens tokens, SpliceOptions options) {
        for (SpliceOptions.Edit edit : options.edits()) {
            if (!names().contains(edit.name())) {
                throw UnknownNameException.of(
                        "point",
                        edit.name(),
                        "the spliced " + model.name(),
                        names(),
                        "The error needs withErrorTerm().");
            }
        }
        InsideValues values = new InsideValues(options);
        try {
            RunOptions through = options.run().withHooks(options.run().hooks().then(hooks(values)));
            if (options.metric().isPresent()) {
                through = through.withMetric(values.watching(options.metric().get()));
            }
            return new SplicedRun(model.run(tokens, through), values);
        } catch (RuntimeException | Error e) {
            values.close();
            throw e;
        }
    }

    private Hooks hooks(InsideValues values) {
        Hooks hooks = Hooks.none();
        for (Map.Entry<Splice, SaeTensors> each : inside.entrySet()) {
            hooks = hooks.edit(
                    each.getKey().hook(),
                    (activation, at) -> values.through(each.getKey(), each.getValue(), activation));
        }
        return hooks;
    }

    @Override
    public void close() {
        scope.close();
    }
}
