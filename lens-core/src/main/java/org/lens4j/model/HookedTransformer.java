package org.lens4j.model;

import ai.djl.ndarray.NDArray;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.lens4j.cache.ActivationCache;
import org.lens4j.config.ModelConfig;
import org.lens4j.error.Glob;
import org.lens4j.error.StateException;
import org.lens4j.error.UsageException;
import org.lens4j.hook.HookCatalogue;
import org.lens4j.hook.HookName;
import org.lens4j.hook.Hooks;
import org.lens4j.tensor.Autograd;
import org.lens4j.tensor.Scope;
import org.lens4j.text.Tokenizer;
import org.lens4j.text.Tokens;
import org.lens4j.weights.Parameters;

/**
 * A language model whose every internal activation has a name and can be read or replaced. Owns its parameters; closing it
 * frees them. Runs do not change it, so several threads may run it at once. TransformerLens: {@code HookedTransformer}.
 *
 * <pre>{@code
 * try (HookedTransformer model = Lens.load("demo");
 *         Run run = model.runWithCache(model.tokens("When Mary and John"), "blocks.*.attn.hook_pattern")) {
 *     NDArray pattern = run.cache().get("blocks.0.attn.hook_pattern");   // [batch head query_pos key_pos]
 * }
 * }</pre>
 */
public final class HookedTransformer implements HookedModel {
    private final ModelCore core;
    private final Transformer transformer;
    private final Optional<Forms> forms;
    private final ComputeType computeType;

    /**
     * Takes ownership of the parameters and the tokenizer.
     *
     * @param name for messages, for example {@code demo}
     * @param config the shape
     * @param parameters under TransformerLens's names, in its layouts, float32
     * @param tokenizer empty for a model that takes only ids
     */
    public HookedTransformer(String name, ModelConfig config, Parameters parameters, Optional<Tokenizer> tokenizer) {
        this.core = new ModelCore(name, config, parameters, tokenizer, ModelCore.noTokenizer(name));
        this.transformer = Transformer.of(config, parameters);
        this.forms = Optional.empty();
        this.computeType = ComputeType.FLOAT32;
    }

    /**
     * Takes ownership of the parameters and the tokenizer of a model whose weights can be had in another form too.
     *
     * @param name for messages, for example {@code demo}
     * @param config the shape
     * @param parameters under TransformerLens's names, in its layouts, float32
     * @param tokenizer empty for a model that takes only ids
     * @param origin where the weights come from
     */
    public HookedTransformer(
            String name,
            ModelConfig config,
            Parameters parameters,
            Optional<Tokenizer> tokenizer,
            WeightForm.Origin origin) {
        this.core = new ModelCore(name, config, parameters, tokenizer, origin.lackOfTokenizer());
        this.transformer = Transformer.of(config, parameters);
        this.forms = Optional.of(new Forms(this, origin));
        this.computeType = ComputeType.FLOAT32;
    }

    /** The same model with other parameters; its tokenizer stays the loaded model's. */
    private HookedTransformer(ModelCore core, Forms forms) {
        this.core = core;
        this.transformer = Transformer.of(core.config(), core.parameters());
        this.forms = Optional.of(forms);
        this.computeType = ComputeType.FLOAT32;
    }

    /**
     * This model with its products taken in another type. For bfloat16 the weights it multiplies with are cast once, which
     * takes half of their memory again; all else, biases, norms, attention and the residual stream, stays float32 and shared.
     * Activations differ in the third digit: {@link ComputeError} says by how much.
     *
     * @return a model of its own, without the hooks attached to this one; to be closed by the caller before this one
     */
    public HookedTransformer computing(ComputeType type) {
        requireOpen();
        Scope scope = Scope.root();
        try {
            Parameters mine = core.parameters().beside(scope);
            Parameters used = type == ComputeType.FLOAT32 ? mine : ShortWeights.of(core.parameters(), scope);
            HookedTransformer other = new HookedTransformer(core.with(mine), Transformer.of(config(), used), type);
            scope.cap();
            return other;
        } catch (RuntimeException | Error e) {
            scope.close();
            throw e;
        }
    }

    private HookedTransformer(ModelCore core, Transformer transformer, ComputeType computeType) {
        this.core = core;
        this.transformer = transformer;
        this.forms = Optional.empty();
        this.computeType = computeType;
    }

    /** The type in which products are taken. */
    public ComputeType computeType() {
        return computeType;
    }

    HookedTransformer sibling(Parameters parameters, Forms siblings) {
        HookedTransformer sibling = new HookedTransformer(core.with(parameters), siblings);
        parameters.scope().cap();
        return sibling;
    }

    boolean isOpen() {
        return core.isOpen();
    }

    void requireOpen() {
        core.requireOpen();
    }

    /**
     * This model with the weights as they are in its files, to the last bit: itself if it was loaded so, otherwise read again
     * at the first call, mapped where that is possible. Any number of calls give the same model. Both forms belong to the
     * model that was loaded: closing that closes both; closing only the other one frees its memory until it is asked for
     * again.
     *
     * @throws StateException if the model was not loaded from files, or is closed
     * @throws org.lens4j.error.CheckpointException if the files are not there any more or have changed
     */
    public HookedTransformer raw() {
        return form(WeightForm.RAW);
    }

    /**
     * This model with its weights rewritten as {@code Processing} says: itself if it was loaded so, otherwise made at the
     * first call. Owned as {@link #raw()} is.
     *
     * @throws StateException if the model was not loaded from files, or is closed
     * @throws org.lens4j.error.LoadRefusedException if there is not enough memory for both forms
     */
    public HookedTransformer processed() {
        return form(WeightForm.PROCESSED);
    }

    private HookedTransformer form(WeightForm form) {
        return forms.orElseThrow(() -> new StateException(
                        "%s was made in memory, so there are no files to read its weights from in another form. Save and load it, or rewrite its parameters with Processing.standard().apply(…)."
                                .formatted(name())))
                .get(form);
    }

    @Override
    public String name() {
        return core.name();
    }

    @Override
    public ModelConfig config() {
        return core.config();
    }

    @Override
    public NDArray parameter(String parameterName) {
        return core.parameter(parameterName);
    }

    @Override
    public Parameters parameters() {
        return core.parameters();
    }

    @Override
    public HookCatalogue hooks() {
        return core.hooks();
    }

    @Override
    public Attachment attach(Hooks hooks) {
        return core.attach(hooks, HookBoard.Order.LAST);
    }

    @Override
    public Attachment attachFirst(Hooks hooks) {
        return core.attach(hooks, HookBoard.Order.FIRST);
    }

    @Override
    public Attachment attachPermanently(Hooks hooks) {
        return core.attach(hooks, HookBoard.Order.PERMANENT);
    }

    /** Whether functions stay with the model. */
    public boolean hasAttachments() {
        return !core.board().isEmpty();
    }

    @Override
    public void resetHooks() {
        core.board().reset(false);
    }

    @Override
    public void resetAllHooks() {
        core.board().reset(true);
    }

    @Override
    public Map<String, Object> context(HookName name) {
        return core.board().context(name);
    }

    @Override
    public void clearContexts() {
        core.board().clearContexts();
    }

    @Override
    public boolean hasTokenizer() {
        return core.hasTokenizer();
    }

    @Override
    public Tokenizer tokenizer() {
        return core.tokenizer();
    }

    /**
     * The tokens of a text, with the token that begins a text in front. TransformerLens: {@code to_tokens} with
     * {@code prepend_bos}.
     *
     * @throws StateException if the model has no tokenizer
     */
    @Override
    public Tokens tokens(String text) {
        long[] ids = tokenizer().encode(text);
        int bos = config().bosTokenId();
        if (bos < 0) {
            return Tokens.of(ids, tokenizer());
        }
        long[] withBos = new long[ids.length + 1];
        withBos[0] = bos;
        System.arraycopy(ids, 0, withBos, 1, ids.length);
        return Tokens.of(withBos, tokenizer());
    }

    @Override
    public Run run(Tokens tokens, RunOptions options) {
        check(tokens, options);
        Supplier<Run> run = () -> core.run(tokens, options, (hooks, inside, used) -> {
            Transformer through = used == parameters() ? transformer : Transformer.of(config(), used);
            NDArray residual = through.residual(pass(tokens, options, hooks, inside), options.layers(), inside);
            return options.layers().stop().isPresent()
                    ? residual
                    : through.unembed(through.normalized(residual, hooks));
        });
        return options.past().map(it -> it.whole(run)).orElseGet(run);
    }

    /** {@inheritDoc} The pass stops after the last block that a kept activation or a function with a plain name needs. */
    @Override
    public ActivationCache cache(Tokens tokens, RunOptions options) {
        check(tokens, options);
        requireWhole(options);
        List<HookName> wanted = new ArrayList<>(hooks().picked(options.cached(), options.gates()));
        // What is hooked by name must fire, also behind the last activation that is kept; a glob is for what is passed.
        core.board().with(options.hooks()).attached().stream()
                .map(Hooks.Attached::pick)
                .filter(it -> !Glob.isGlob(it.glob()))
                .forEach(it -> wanted.addAll(hooks().picked(it)));
        boolean toTheEnd = wanted.stream().anyMatch(it -> it.point().afterBlocks());
        // What is remembered must be of all layers.
        boolean remembers = options.past().filter(KvCache::isGrowing).isPresent();
        int stop = toTheEnd || remembers ? config().nLayers() : lastLayer(wanted) + 1;
        Supplier<ActivationCache> run = () -> core.cache(tokens, options, (hooks, inside, used) -> {
            NDArray residual = transformer.residual(pass(tokens, options, hooks, inside), stop, inside);
            return toTheEnd ? transformer.normalized(residual, hooks) : residual;
        });
        return options.past().map(it -> it.whole(run)).orElseGet(run);
    }

    private static void requireWhole(RunOptions options) {
        if (!options.layers().equals(LayerRange.all())
                || options.backward().metric().isPresent()) {
            throw new UsageException(
                    "cache(…) goes from the embedding to the last activation it keeps, and not back. Use run(tokens, options) with startAtLayer, stopAtLayer or a metric.");
        }
    }

    private Pass pass(Tokens tokens, RunOptions options, HookDispatch hooks, Scope scope) {
        return new Pass(
                config(),
                transformer.constants(),
                tokens.tensor(scope),
                tokens.attended(scope),
                options.past(),
                hooks,
                scope);
    }

    /** The layer after which a pass for these may stop. */
    static int lastLayer(Collection<HookName> names) {
        return names.stream().mapToInt(HookName::layer).max().orElse(HookName.NO_LAYER);
    }

    /**
     * Reads a residual stream as if the model ended there: last layer norm, then unembedding. What the logit lens does.
     *
     * @param residual {@code [batch pos d_model]}
     * @return logits {@code [batch pos d_vocab]}, owned by the residual's manager
     */
    public NDArray unembed(NDArray residual) {
        HookDispatch noHooks = HookDispatch.none(hooks());
        try (Scope inside = new Scope(residual.getManager())) {
            NDArray alias = inside.adopt(residual.stopGradient());
            return Autograd.recording(
                    false, () -> inside.keep(transformer.unembed(transformer.normalized(alias, noHooks))));
        }
    }

    /**
     * The mean surprise at the next token; padding does not count. TransformerLens: {@code return_type="loss"}.
     *
     * @param tokens at least two positions
     * @return nats per token
     */
    public float loss(Tokens tokens) {
        return NextTokenLoss.mean(this, tokens);
    }

    /**
     * The surprise at each next token. TransformerLens: {@code loss_per_token}.
     *
     * @param tokens at least two positions
     * @return nats, {@code [batch pos-1]}; at padding they mean nothing
     */
    public float[][] lossPerToken(Tokens tokens) {
        return NextTokenLoss.each(this, tokens);
    }

    @Override
    public void check(Tokens tokens) {
        core.checkLength(tokens);
        core.checkVocabulary(tokens);
        if (tokens.hasSegments()) {
            throw new UsageException(
                    "These tokens have segments, and %s knows none. Give tokens without: Tokens.of(ids)."
                            .formatted(name()));
        }
    }

    private void check(Tokens tokens, RunOptions options) {
        check(tokens);
        RunCheck.of(this, tokens, options);
    }

    @Override
    public void close() {
        forms.ifPresent(it -> it.closed(this));
        core.close();
    }

    @Override
    public String toString() {
        return core.toString();
    }
}
