package org.lens4j.analysis.residual;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.lens4j.analysis.Axis;
import org.lens4j.analysis.Grid;
import org.lens4j.cache.ActivationCache;
import org.lens4j.config.Norm;
import org.lens4j.error.ShapeException;
import org.lens4j.error.UsageException;
import org.lens4j.hook.HookName;
import org.lens4j.hook.HookPoint;
import org.lens4j.model.HookedTransformer;
import org.lens4j.tensor.Autograd;
import org.lens4j.tensor.Kernels;
import org.lens4j.tensor.Scope;
import org.lens4j.tensor.Slice;
import org.lens4j.text.Tokens;

/**
 * The residual stream of one run, taken apart. TransformerLens: the decompositions of {@code ActivationCache}.
 *
 * <pre>{@code
 * try (ResidualStream stream = ResidualStream.of(model, model.tokens("When Mary and John"));
 *         ResidualStack heads = stream.heads(StackOptions.defaults().withLn())) {
 *     Grid toMary = stream.logitAttributions(heads, Answers.of(model.answer(" Mary")));
 * }
 * }</pre>
 *
 * <p>Where a model normalises what attention and MLP write (Gemma 2), heads and neurons are taken behind that norm, with the
 * scale it had in the run, so that the parts sum to the whole there too. The position vectors of a Shortformer are not in its
 * residual stream, and no part of it.
 */
public final class ResidualStream implements AutoCloseable {
    private final HookedTransformer model;
    private final ActivationCache cache;
    private final boolean owned;

    private ResidualStream(HookedTransformer model, ActivationCache cache, boolean owned) {
        this.model = model;
        this.cache = cache;
        this.owned = owned;
    }

    /**
     * Reads a cache.
     *
     * @param model it is of
     * @param cache of all positions; stays with the caller. What a decomposition needs and it lacks is an error that names it
     */
    public static ResidualStream of(HookedTransformer model, ActivationCache cache) {
        return new ResidualStream(model, cache, false);
    }

    /** Runs the model and keeps everything that a decomposition needs until it is closed. */
    public static ResidualStream of(HookedTransformer model, Tokens tokens) {
        return owning(model, model.cache(tokens, names(model)));
    }

    /** Closes the cache with itself. */
    static ResidualStream owning(HookedTransformer model, ActivationCache cache) {
        return new ResidualStream(model, cache, true);
    }

    /** Every activation that a decomposition may need. */
    static String[] names(HookedTransformer model) {
        List<HookPoint> wanted = List.of(
                HookPoint.EMBED,
                HookPoint.POS_EMBED,
                HookPoint.RESID_PRE,
                HookPoint.RESID_MID,
                HookPoint.RESID_POST,
                HookPoint.ATTN_OUT,
                HookPoint.MLP_OUT,
                HookPoint.Z,
                HookPoint.MLP_POST,
                HookPoint.LN1_SCALE,
                HookPoint.LN2_SCALE,
                HookPoint.LN1_POST_SCALE,
                HookPoint.LN2_POST_SCALE,
                HookPoint.LN_FINAL_SCALE);
        return model.hooks().all().stream()
                .filter(it -> wanted.contains(it.point()))
                .map(HookName::full)
                .toArray(String[]::new);
    }

    /** The stream itself: {@code 0_pre}, {@code 1_pre}, …, {@code final_post}. */
    public ResidualStack accumulated(StackOptions options) {
        return stack(Decomposition.ACCUMULATED, options);
    }

    /** What each layer's attention and MLP write: {@code embed}, {@code pos_embed}, {@code 0_attn_out}, …. */
    public ResidualStack decomposed(StackOptions options) {
        return stack(Decomposition.PARTS, options);
    }

    /** What each head writes: {@code L0H0}, {@code L0H1}, …; without the attention's bias, which belongs to no head. */
    public ResidualStack heads(StackOptions options) {
        return stack(Decomposition.HEADS, options);
    }

    /** What each neuron writes: {@code L0N0}, {@code L0N1}, …; take few positions, or {@link #onto} a direction. */
    public ResidualStack neurons(StackOptions options) {
        return stack(Decomposition.NEURONS, options);
    }

    /** Everything there is: heads, neurons or MLPs, embeddings, and the biases as one component. Sums to the stream. */
    public ResidualStack full(StackOptions options) {
        return stack(Decomposition.FULL, options);
    }

    /**
     * The components of any decomposition.
     *
     * @return owned by the caller
     * @throws org.lens4j.error.RangeException if there is no such layer
     * @throws UsageException if there are no such components, or an option does nothing
     */
    public ResidualStack stack(Decomposition by, StackOptions options) {
        Sources sources = new Sources(model, cache, options.positions());
        List<Source> chosen = SourceList.of(by, options, sources);
        Scope scope = Scope.root();
        try {
            NDArray parts = Autograd.recording(false, () -> {
                try (Scope inside = new Scope(scope)) {
                    List<NDArray> each = new ArrayList<>();
                    for (Source source : chosen) {
                        each.add(source.parts(inside));
                    }
                    NDArray joined = each.isEmpty()
                            ? inside.zeros(new Shape(
                                    0,
                                    cache.tokens().batch(),
                                    sources.taken().length,
                                    model.config().dModel()))
                            : Sources.joined(each, inside);
                    return inside.keep(normalized(joined, by, options, sources, inside));
                }
            });
            return new ResidualStack(scope, parts, axis(chosen), cache.tokens(), options);
        } catch (RuntimeException | Error e) {
            scope.close();
            throw e;
        }
    }

    /**
     * The components along directions, which are folded into the weights first, so that neurons times d_model is never made.
     * TransformerLens 3: {@code project_output_onto}.
     *
     * @param directions {@code [d_model]} or {@code [d_model k]}; stays with its owner
     * @param options with {@link StackOptions.Ln#NONE} or {@link StackOptions.Ln#OF_THE_RUN}
     * @return {@code [component batch pos]}, or {@code [component batch pos direction]}
     * @throws ShapeException if the directions are of another width
     */
    public Grid onto(Decomposition by, NDArray directions, StackOptions options) {
        Shape shape = directions.getShape();
        int dModel = model.config().dModel();
        if (shape.dimension() < 1 || shape.dimension() > 2 || shape.get(0) != dModel) {
            throw new ShapeException("Directions for %s are [d_model=%d] or [d_model=%d k], not %s."
                    .formatted(model.name(), dModel, dModel, shape));
        }
        boolean several = shape.dimension() == 2;
        try (Scope inside = Scope.root()) {
            NDArray copied = inside.copy(directions).reshape(1, dModel, several ? shape.get(1) : 1);
            NDArray each = copied.broadcast(
                    cache.tokens().batch(), dModel, copied.getShape().get(2));
            Sources sources = new Sources(model, cache, options.positions());
            List<Source> chosen = SourceList.of(by, options, sources);
            LinearNorm ln =
                    options.ln() == StackOptions.Ln.NONE ? LinearNorm.none() : ofTheRun(options, sources, inside);
            float[] values = chosen.isEmpty()
                    ? new float[0]
                    : along(chosen, ln, each, inside).toFloatArray();
            List<Axis> axes = new ArrayList<>(ResidualStack.axes(axis(chosen), cache.tokens(), options));
            if (several) {
                axes.add(Axis.counted("direction", Math.toIntExact(shape.get(1))));
            }
            return new Grid("Components along a direction", "activation", axes, values);
        }
    }

    private LinearNorm ofTheRun(StackOptions options, Sources sources, Scope scope) {
        if (options.ln() != StackOptions.Ln.OF_THE_RUN) {
            throw new UsageException(
                    "A projection is divided by the scale of the run or by nothing, and ln is %s. Say withLn(StackOptions.Ln.OF_THE_RUN)."
                            .formatted(options.ln()));
        }
        return sources.reading(SourceList.layer(options, model), options.mlpInput(), scope);
    }

    /**
     * Sources along directions, through a norm: {@code [component batch pos k]}, owned by the scope.
     *
     * @param directions {@code [batch d_model k]}, owned by the scope
     */
    static NDArray along(List<Source> sources, LinearNorm ln, NDArray directions, Scope scope) {
        return Autograd.recording(false, () -> {
            try (Scope inside = new Scope(scope)) {
                NDArray before = ln.before(inside.alias(directions));
                List<NDArray> each = new ArrayList<>();
                for (Source source : sources) {
                    each.add(source.along(before, inside));
                }
                return inside.keep(ln.divided(Sources.joined(each, inside)));
            }
        });
    }

    private NDArray normalized(NDArray parts, Decomposition by, StackOptions options, Sources sources, Scope inside) {
        int layer = SourceList.layer(options, model);
        boolean logitLens =
                by == Decomposition.ACCUMULATED && layer == model.config().nLayers();
        boolean own = options.ln() == StackOptions.Ln.OWN || (options.ln() == StackOptions.Ln.USUAL && logitLens);
        if (options.ln() == StackOptions.Ln.NONE) {
            return parts;
        }
        LinearNorm ln = own ? ownNorm(parts, layer, inside) : sources.reading(layer, options.mlpInput(), inside);
        return ln.apply(parts);
    }

    /** The norm with each component's own scale. */
    private LinearNorm ownNorm(NDArray parts, int layer, Scope scope) {
        Norm kind = layer == model.config().nLayers()
                ? model.config().norms().last()
                : model.config().norms().blocks();
        if (kind == Norm.NONE) {
            return LinearNorm.none();
        }
        NDArray eps = scope.scalar(model.config().eps());
        String kernel = kind == Norm.LAYER ? "layer_norm_scale" : "rms_norm_scale";
        return new LinearNorm(kind, Optional.of(Kernels.call(kernel, parts, eps)), Optional.empty());
    }

    /**
     * A stack divided as a layer norm of the run divided the whole stream; gains and offsets stay out, as folding puts them
     * into the weights. TransformerLens: {@code apply_ln_to_stack}.
     *
     * @param stack of this run, not yet divided; stays with the caller
     * @param layer whose norm, or as many as the model has for the last norm
     * @param mlp whether the norm before the layer's MLP is meant
     * @return owned by the caller
     * @throws UsageException if it was divided already
     */
    public ResidualStack normalized(ResidualStack stack, int layer, boolean mlp) {
        requirePlain(stack);
        StackOptions chosen = stack.options().withLayer(layer);
        SourceList.layer(mlp ? chosen.withMlpInput() : chosen, model);
        Scope scope = Scope.root();
        NDArray parts = Autograd.recording(false, () -> {
            try (Scope inside = new Scope(scope)) {
                Sources sources = new Sources(model, cache, stack.options().positions());
                NDArray copy = inside.copy(stack.tensor());
                return inside.keep(sources.reading(layer, mlp, inside).apply(copy));
            }
        });
        StackOptions divided = stack.options().withLn(StackOptions.Ln.OF_THE_RUN);
        return new ResidualStack(scope, parts, new Axis("component", stack.labels()), stack.tokens(), divided);
    }

    private static void requirePlain(ResidualStack stack) {
        if (stack.options().ln() != StackOptions.Ln.NONE) {
            throw new UsageException(
                    "This stack was divided by a layer norm already, and would be again. Make it without withLn(…).");
        }
    }

    /**
     * What each component adds to the logit of an answer, or to the difference of two, through the last layer norm with the
     * scale of the run. The norm's gain counts where it is not folded into the weights; its offset and the unembedding's bias
     * belong to no component. TransformerLens: {@code logit_attrs}.
     *
     * @param stack of this run, not yet divided; stays with the caller
     * @param answers one for all sequences or one for each
     * @return logits {@code [component batch pos]}
     * @throws UsageException if the stack was divided already
     * @throws ShapeException if there are another number of answers than of sequences
     */
    public Grid logitAttributions(ResidualStack stack, Answers answers) {
        requirePlain(stack);
        try (Scope inside = Scope.root()) {
            Sources sources = new Sources(model, cache, stack.options().positions());
            float[] values = Autograd.recording(false, () -> {
                NDArray directions = answers.directions(model, stack.tokens().batch(), inside);
                LinearNorm ln = lastNorm(sources, inside);
                NDArray parts =
                        Kernels.call("component_projections", inside.alias(stack.tensor()), ln.before(directions));
                return ln.divided(parts).toFloatArray();
            });
            return new Grid(
                    "Logit attribution of " + answers.words(),
                    "logit",
                    ResidualStack.axes(new Axis("component", stack.labels()), stack.tokens(), stack.options()),
                    values);
        }
    }

    /** The last norm with its gain. */
    LinearNorm lastNorm(Sources sources, Scope scope) {
        LinearNorm scaled = sources.reading(model.config().nLayers(), false, scope);
        return scaled.kind() == Norm.NONE
                ? scaled
                : new LinearNorm(
                        scaled.kind(),
                        scaled.scale(),
                        Optional.of(model.parameters().get("ln_final.w")));
    }

    /**
     * What the biases before a layer write. TransformerLens: {@code accumulated_bias}.
     *
     * @param layer before which, or as many as the model has for all
     * @param mlpInput whether the layer's attention counts too
     * @param mlps whether those of MLPs count
     * @return {@code [batch pos d_model]}: the same everywhere, but for models with a norm on what a part writes
     */
    public Grid accumulatedBias(int layer, boolean mlpInput, boolean mlps) {
        StackOptions options = StackOptions.defaults().withLayer(layer);
        int before = SourceList.layer(mlpInput ? options.withMlpInput() : options, model);
        try (Scope inside = Scope.root()) {
            Sources sources = new Sources(model, cache, Slice.all());
            float[] values =
                    Autograd.recording(false, () -> sources.biases(before + (mlpInput ? 1 : 0), mlps ? before : 0)
                            .parts(inside)
                            .toFloatArray());
            List<Axis> axes = ResidualStack.axes(Axis.counted("component", 1), cache.tokens(), options);
            Axis width = Axis.counted("d_model", model.config().dModel());
            return new Grid("Accumulated bias", "activation", List.of(axes.get(1), axes.get(2), width), values);
        }
    }

    private static Axis axis(List<Source> sources) {
        return new Axis(
                "component",
                sources.stream().flatMap(it -> it.labels().stream()).toList());
    }

    HookedTransformer model() {
        return model;
    }

    ActivationCache cache() {
        return cache;
    }

    @Override
    public void close() {
        if (owned) {
            cache.close();
        }
    }
}
