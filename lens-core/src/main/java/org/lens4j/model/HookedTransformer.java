package org.lens4j.model;

import ai.djl.ndarray.NDArray;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.lens4j.cache.ActivationCache;
import org.lens4j.config.ModelConfig;
import org.lens4j.error.RangeException;
import org.lens4j.error.StateException;
import org.lens4j.error.UsageException;
import org.lens4j.hook.Gate;
import org.lens4j.hook.HookCatalogue;
import org.lens4j.hook.HookName;
import org.lens4j.hook.Hooks;
import org.lens4j.tensor.Autograd;
import org.lens4j.tensor.Kernels;
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
public final class HookedTransformer implements AutoCloseable {
    private static final Pattern GROUPED = Pattern.compile("(blocks\\.\\d+\\.attn\\.)([Wb]_[KV])");

    private final String name;
    private final Transformer transformer;
    private final Optional<Tokenizer> tokenizer;
    private final String lackOfTokenizer;
    private final HookCatalogue catalogue;
    private final Scope lent = Scope.root();
    private final Optional<Forms> forms;
    private final boolean ownsTokenizer;
    private volatile boolean open = true;

    /**
     * Takes ownership of the parameters and the tokenizer.
     *
     * @param name for messages, for example {@code demo}
     * @param config the shape
     * @param parameters under TransformerLens's names, in its layouts, float32
     * @param tokenizer empty for a model that takes only ids
     */
    public HookedTransformer(String name, ModelConfig config, Parameters parameters, Optional<Tokenizer> tokenizer) {
        this.name = name;
        this.transformer = Transformer.of(config, parameters);
        this.tokenizer = tokenizer;
        this.lackOfTokenizer =
                "%s has no tokenizer, so it takes token ids, not text. Use Tokens.of(ids).".formatted(name);
        this.catalogue = new HookCatalogue(config, name);
        this.forms = Optional.empty();
        this.ownsTokenizer = true;
        lent.hold(parameters);
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
        this.name = name;
        this.transformer = Transformer.of(config, parameters);
        this.tokenizer = tokenizer;
        this.lackOfTokenizer = origin.lackOfTokenizer();
        this.catalogue = new HookCatalogue(config, name);
        this.forms = Optional.of(new Forms(this, origin));
        this.ownsTokenizer = true;
        lent.hold(parameters);
    }

    /** The same model with other parameters; its tokenizer stays the loaded model's. */
    private HookedTransformer(HookedTransformer loaded, Parameters parameters, Forms forms) {
        this.name = loaded.name;
        this.transformer = Transformer.of(loaded.config(), parameters);
        this.tokenizer = loaded.tokenizer;
        this.lackOfTokenizer = loaded.lackOfTokenizer;
        this.catalogue = loaded.catalogue;
        this.forms = Optional.of(forms);
        this.ownsTokenizer = false;
        lent.hold(parameters);
    }

    HookedTransformer sibling(Parameters parameters, Forms forms) {
        HookedTransformer sibling = new HookedTransformer(this, parameters, forms);
        parameters.scope().cap();
        return sibling;
    }

    boolean isOpen() {
        return open;
    }

    void requireOpen() {
        if (!open) {
            throw new StateException("%s is closed, and its weights are gone. Load it again.".formatted(name));
        }
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
                                .formatted(name)))
                .get(form);
    }

    /** The name it was loaded by. */
    public String name() {
        return name;
    }

    /** Its shape. */
    public ModelConfig config() {
        return transformer.config();
    }

    /**
     * A parameter to compute with. What is computed from it belongs to the model too and is freed with it, so duplicate what
     * shall outlive the model; a view of it may be memory of a mapped file, which goes with the model.
     *
     * @param parameterName TransformerLens's, for example {@code blocks.0.attn.W_Q}, {@code [head d_model d_head]}
     * @return shares the model's memory: do not change it; owned by the model. Where heads share keys and values,
     *     {@code W_K} and the like are given once for every head, and {@code _W_K} as stored
     * @throws org.lens4j.error.UnknownNameException if there is none; names the closest
     */
    public NDArray parameter(String parameterName) {
        Matcher grouped = GROUPED.matcher(parameterName);
        if (config().attention().grouped() && grouped.matches()) {
            NDArray stored = lent.alias(parameters().get(grouped.group(1) + "_" + grouped.group(2)));
            return lent.adopt(stored.repeat(0, config().nHeads() / config().nKvHeads()));
        }
        return lent.alias(parameters().get(parameterName));
    }

    /** Its parameters, for code that moves or saves them; operators on them are refused, see {@link #parameter}. */
    public Parameters parameters() {
        return transformer.parameters();
    }

    /** Its hook points. */
    public HookCatalogue hooks() {
        return catalogue;
    }

    /** Whether it can be given text. */
    public boolean hasTokenizer() {
        return tokenizer.isPresent();
    }

    /**
     * Its tokenizer, owned by the model.
     *
     * @throws StateException if its files have none
     */
    public Tokenizer tokenizer() {
        return tokenizer.orElseThrow(() -> new StateException(lackOfTokenizer));
    }

    /**
     * The tokens of a text, with the token that begins a text in front. TransformerLens: {@code to_tokens} with
     * {@code prepend_bos}.
     *
     * @throws StateException if the model has no tokenizer
     */
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

    /**
     * Computes logits.
     *
     * @param tokens at most {@code nCtx} positions
     * @return owned by the caller
     * @throws RangeException if there are too many positions, or an id is outside the vocabulary
     */
    public Run run(Tokens tokens) {
        return run(tokens, RunOptions.defaults());
    }

    /** {@link #run(Tokens)} of a text. */
    public Run run(String text) {
        return run(tokens(text));
    }

    /**
     * Computes logits and keeps activations. TransformerLens: {@code run_with_cache}.
     *
     * @param tokens at most {@code nCtx} positions
     * @param names names or globs of hook points; none means all that fire without a switch
     * @return owned by the caller
     * @throws org.lens4j.error.UnknownNameException for a name the model does not have
     */
    public Run runWithCache(Tokens tokens, String... names) {
        return run(tokens, RunOptions.defaults().withCached(names.length == 0 ? List.of("*") : List.of(names)));
    }

    /**
     * Computes logits, calling functions at hook points. TransformerLens: {@code run_with_hooks}.
     *
     * @param tokens at most {@code nCtx} positions
     * @param hooks forgotten after the run
     * @return owned by the caller
     * @throws org.lens4j.error.UnknownNameException for a name the model does not have
     * @throws org.lens4j.error.HookFailedException if a function throws
     */
    public Run runWithHooks(Tokens tokens, Hooks hooks) {
        return run(tokens, RunOptions.defaults().withHooks(hooks));
    }

    /**
     * Computes logits with every option.
     *
     * @return owned by the caller
     */
    public Run run(Tokens tokens, RunOptions options) {
        check(tokens, options);
        Scope owner = Scope.root();
        ActivationCache cache = new ActivationCache(new Scope(owner), tokens);
        try {
            HookDispatch hooks = HookDispatch.of(catalogue, options, cache);
            NDArray logits = Autograd.recording(options.gradients(), () -> {
                try (Scope inside = new Scope(owner)) {
                    NDArray residual =
                            transformer.residual(pass(tokens, options, hooks, inside), config().nLayers(), inside);
                    return inside.keep(transformer.unembed(transformer.normalized(residual, hooks)));
                }
            });
            return new Run(owner, logits, cache);
        } catch (RuntimeException | Error e) {
            cache.close();
            owner.close();
            throw e;
        }
    }

    /**
     * Keeps activations and computes nothing else: the pass stops after the last block it needs, and there are no logits.
     *
     * @param tokens at most {@code nCtx} positions
     * @param names names or globs of hook points, at least one
     * @return owned by the caller
     * @throws org.lens4j.error.UnknownNameException for a name the model does not have
     */
    public ActivationCache cache(Tokens tokens, String... names) {
        return cache(tokens, RunOptions.defaults().withCached(names));
    }

    /** {@link #cache(Tokens, String...)} with every option. */
    public ActivationCache cache(Tokens tokens, RunOptions options) {
        check(tokens, options);
        ActivationCache cache = new ActivationCache(Scope.root(), tokens);
        try (Scope inside = Scope.root()) {
            HookDispatch hooks = HookDispatch.of(catalogue, options, cache);
            List<HookName> wanted = catalogue.matching(options.cached(), options.gates());
            boolean toTheEnd = wanted.stream().anyMatch(it -> it.point().afterBlocks());
            int stop = toTheEnd ? config().nLayers() : lastLayer(wanted) + 1;
            Autograd.recording(false, () -> {
                NDArray residual = transformer.residual(pass(tokens, options, hooks, inside), stop, inside);
                return toTheEnd ? transformer.normalized(residual, hooks) : residual;
            });
            return cache;
        } catch (RuntimeException | Error e) {
            cache.close();
            throw e;
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

    private static int lastLayer(Collection<HookName> names) {
        return names.stream().mapToInt(HookName::layer).max().orElse(HookName.NO_LAYER);
    }

    /**
     * Reads a residual stream as if the model ended there: last layer norm, then unembedding. What the logit lens does.
     *
     * @param residual {@code [batch pos d_model]}
     * @return logits {@code [batch pos d_vocab]}, owned by the residual's manager
     */
    public NDArray unembed(NDArray residual) {
        HookDispatch noHooks = HookDispatch.none(catalogue);
        try (Scope inside = new Scope(residual.getManager())) {
            NDArray alias = inside.adopt(residual.stopGradient());
            return Autograd.recording(
                    false, () -> inside.keep(transformer.unembed(transformer.normalized(alias, noHooks))));
        }
    }

    /**
     * The mean surprise at the next token. TransformerLens: {@code return_type="loss"}.
     *
     * @param tokens at least two positions
     * @return nats per token
     */
    public float loss(Tokens tokens) {
        if (config().dVocabOut() != config().dVocab()) {
            throw new UsageException(
                    "%s reads %d tokens and says %d others, so it has no loss at the next token. Use run(tokens).logits()."
                            .formatted(name, config().dVocab(), config().dVocabOut()));
        }
        try (Run run = run(tokens);
                Scope scope = Scope.root()) {
            NDArray perToken = Kernels.call("next_token_loss", run.logits(), tokens.tensor(scope));
            return perToken.mean().getFloat();
        }
    }

    /**
     * Checks that the model can be fed these tokens; every run does it first.
     *
     * @throws RangeException if there are too many positions, or an id is outside the vocabulary
     */
    public void check(Tokens tokens) {
        int nCtx = config().nCtx();
        if (tokens.pos() > nCtx) {
            throw new RangeException("The prompt has %d tokens, and %s reads at most %d (n_ctx). Shorten it by %d."
                    .formatted(tokens.pos(), name, nCtx, tokens.pos() - nCtx));
        }
        for (int sequence = 0; sequence < tokens.batch(); sequence++) {
            for (long id : tokens.ids(sequence)) {
                if (id < 0 || id >= config().dVocab()) {
                    throw new RangeException(
                            "Token id %d is outside the vocabulary of %s, which has ids 0 to %d. Is it another model's token?"
                                    .formatted(id, name, config().dVocab() - 1));
                }
            }
        }
    }

    private void check(Tokens tokens, RunOptions options) {
        check(tokens);
        options.past().ifPresent(past -> {
            if (past.length() + tokens.pos() > config().nCtx()) {
                throw new RangeException(
                        "%d tokens are remembered and %d follow, and %s reads at most %d in all (n_ctx). Start a new KvCache."
                                .formatted(past.length(), tokens.pos(), name, config().nCtx()));
            }
        });
        if (options.gates().contains(Gate.ATTN_IN)
                && config().attention().grouped()
                && !options.gates().contains(Gate.UNGROUPED_GQA)) {
            throw new UsageException(
                    "hook_attn_in gives each of %d heads an input, and in %s they share %d keys and values. Turn on withUngroupedGqa() too, or use withSplitQkvInput()."
                            .formatted(config().nHeads(), name, config().nKvHeads()));
        }
    }

    @Override
    public void close() {
        open = false;
        forms.ifPresent(it -> it.closed(this));
        tokenizer.filter(it -> ownsTokenizer).ifPresent(Tokenizer::close);
        lent.close();
        parameters().close();
    }

    @Override
    public String toString() {
        ModelConfig config = config();
        return "%s: %s, %d layers, %d heads, d_model %d, d_vocab %d, n_ctx %d, %,d parameters"
                .formatted(
                        name,
                        config.family(),
                        config.nLayers(),
                        config.nHeads(),
                        config.dModel(),
                        config.dVocab(),
                        config.nCtx(),
                        parameters().count());
    }
}
