package org.lens4j.model;

import ai.djl.ndarray.NDArray;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.lens4j.cache.ActivationCache;
import org.lens4j.config.ModelConfig;
import org.lens4j.error.RangeException;
import org.lens4j.error.StateException;
import org.lens4j.hook.HookCatalogue;
import org.lens4j.tensor.Autograd;
import org.lens4j.tensor.Scope;
import org.lens4j.text.Tokenizer;
import org.lens4j.text.Tokens;
import org.lens4j.weights.Parameters;

/** What every model has besides its forward pass: a name, parameters, hook points, a tokenizer, and how a run begins and ends. */
final class ModelCore implements AutoCloseable {
    private static final Pattern GROUPED = Pattern.compile("(blocks\\.\\d+\\.attn\\.)([Wb]_[KV])");

    private final String name;
    private final ModelConfig config;
    private final Parameters parameters;
    private final Optional<Tokenizer> tokenizer;
    private final String lackOfTokenizer;
    private final HookCatalogue catalogue;
    private final Scope lent = Scope.root();
    private final boolean ownsTokenizer;
    private volatile boolean open = true;

    /** Takes ownership of the parameters and the tokenizer. */
    ModelCore(
            String name,
            ModelConfig config,
            Parameters parameters,
            Optional<Tokenizer> tokenizer,
            String lackOfTokenizer) {
        this(name, config, parameters, tokenizer, lackOfTokenizer, new HookCatalogue(config, name), true);
    }

    @SuppressWarnings("TooManyParameters") // the fields
    private ModelCore(
            String name,
            ModelConfig config,
            Parameters parameters,
            Optional<Tokenizer> tokenizer,
            String lackOfTokenizer,
            HookCatalogue catalogue,
            boolean ownsTokenizer) {
        this.name = name;
        this.config = config;
        this.parameters = parameters;
        this.tokenizer = tokenizer;
        this.lackOfTokenizer = lackOfTokenizer;
        this.catalogue = catalogue;
        this.ownsTokenizer = ownsTokenizer;
        lent.hold(parameters);
    }

    /** What is said to whoever gives text to a model that was made without a tokenizer. */
    static String noTokenizer(String name) {
        return "%s has no tokenizer, so it takes token ids, not text. Use Tokens.of(ids).".formatted(name);
    }

    /** The same with other parameters; the tokenizer stays this one's. */
    ModelCore with(Parameters others) {
        return new ModelCore(name, config, others, tokenizer, lackOfTokenizer, catalogue, false);
    }

    boolean isOpen() {
        return open;
    }

    void requireOpen() {
        if (!open) {
            throw new StateException("%s is closed, and its weights are gone. Load it again.".formatted(name));
        }
    }

    String name() {
        return name;
    }

    ModelConfig config() {
        return config;
    }

    Parameters parameters() {
        return parameters;
    }

    HookCatalogue hooks() {
        return catalogue;
    }

    boolean hasTokenizer() {
        return tokenizer.isPresent();
    }

    Tokenizer tokenizer() {
        return tokenizer.orElseThrow(() -> new StateException(lackOfTokenizer));
    }

    /** {@link HookedModel#parameter}. */
    NDArray parameter(String parameterName) {
        Matcher grouped = GROUPED.matcher(parameterName);
        if (config.attention().grouped() && grouped.matches()) {
            NDArray stored = lent.alias(parameters.get(grouped.group(1) + "_" + grouped.group(2)));
            return lent.adopt(stored.repeat(0, config.nHeads() / config.nKvHeads()));
        }
        return lent.alias(parameters.get(parameterName));
    }

    /** Refuses a text longer than the model's table of positions. */
    void checkLength(Tokens tokens) {
        int nCtx = config.nCtx();
        if (tokens.pos() > nCtx) {
            throw new RangeException("The prompt has %d tokens, and %s reads at most %d (n_ctx). Shorten it by %d."
                    .formatted(tokens.pos(), name, nCtx, tokens.pos() - nCtx));
        }
    }

    /** Refuses ids the model has no vector for. */
    void checkVocabulary(Tokens tokens) {
        for (int sequence = 0; sequence < tokens.batch(); sequence++) {
            for (long id : tokens.ids(sequence)) {
                if (id < 0 || id >= config.dVocab()) {
                    throw new RangeException(
                            "Token id %d is outside the vocabulary of %s, which has ids 0 to %d. Is it another model's token?"
                                    .formatted(id, name, config.dVocab() - 1));
                }
            }
        }
    }

    /** A forward pass. */
    @FunctionalInterface
    interface Forward {
        /**
         * Computes logits.
         *
         * @param hooks called at the points
         * @param inside freed afterwards; owns the result
         */
        NDArray logits(HookDispatch hooks, Scope inside);
    }

    /** Runs a forward pass and gives its logits and cache, owned by the caller. */
    Run run(Tokens tokens, RunOptions options, Forward forward) {
        Scope owner = Scope.root();
        ActivationCache cache = new ActivationCache(new Scope(owner), tokens);
        try {
            HookDispatch hooks = HookDispatch.of(catalogue, options, cache);
            NDArray logits = Autograd.recording(options.gradients(), () -> {
                try (Scope inside = new Scope(owner)) {
                    return inside.keep(forward.logits(hooks, inside));
                }
            });
            return new Run(owner, logits, cache);
        } catch (RuntimeException | Error e) {
            cache.close();
            owner.close();
            throw e;
        }
    }

    /** Runs a forward pass, which may stop early, for its cache alone, owned by the caller. */
    ActivationCache cache(Tokens tokens, RunOptions options, Forward forward) {
        ActivationCache cache = new ActivationCache(Scope.root(), tokens);
        try (Scope inside = Scope.root()) {
            HookDispatch hooks = HookDispatch.of(catalogue, options, cache);
            Autograd.recording(false, () -> forward.logits(hooks, inside));
            return cache;
        } catch (RuntimeException | Error e) {
            cache.close();
            throw e;
        }
    }

    @Override
    public void close() {
        open = false;
        tokenizer.filter(it -> ownsTokenizer).ifPresent(Tokenizer::close);
        lent.close();
        parameters.close();
    }

    @Override
    public String toString() {
        return "%s: %s, %d layers, %d heads, d_model %d, d_vocab %d, n_ctx %d, %,d parameters"
                .formatted(
                        name,
                        config.family(),
                        config.nLayers(),
                        config.nHeads(),
                        config.dModel(),
                        config.dVocab(),
                        config.nCtx(),
                        parameters.count());
    }
}
