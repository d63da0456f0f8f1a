package org.lens4j.model;

import ai.djl.ndarray.NDArray;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.lens4j.cache.ActivationCache;
import org.lens4j.config.ModelConfig;
import org.lens4j.error.Advice;
import org.lens4j.error.RangeException;
import org.lens4j.error.StateException;
import org.lens4j.error.UsageException;
import org.lens4j.hook.HookCatalogue;
import org.lens4j.hook.Hooks;
import org.lens4j.tensor.Autograd;
import org.lens4j.tensor.HeldBuffers;
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
    private final HookBoard board = new HookBoard();
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
        return "%s has no tokenizer, so it takes token ids, not text. %s.".formatted(name, Advice.TOKEN_IDS.text());
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

    HookBoard board() {
        return board;
    }

    /** {@link HookedModel#attach}. Names are checked now, switches by every run. */
    Attachment attach(Hooks functions, HookBoard.Order order) {
        functions.attached().forEach(it -> catalogue.picked(it.pick()));
        return board.attach(functions, order);
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
         * @param used the model's own parameters, or leaves of the graph in place of some
         */
        NDArray logits(HookDispatch hooks, Scope inside, Parameters used);
    }

    /** Runs a forward pass, and back if the options say so; gives logits and cache, owned by the caller. */
    Run run(Tokens tokens, RunOptions options, Forward forward) {
        return run(tokens, tokens, options, forward);
    }

    /**
     * {@link #run(Tokens, RunOptions, Forward)} of a model that says another text than it reads.
     *
     * @param said the tokens the logits stand at, for the metric
     */
    Run run(Tokens tokens, Tokens said, RunOptions asked, Forward forward) {
        RunOptions options = checked(tokens, asked);
        Scope owner = Scope.root();
        ActivationCache cache = emptyCache(new Scope(owner), tokens, options);
        try {
            boolean back = options.backward().metric().isPresent();
            return recording(options.gradients() || back, owner, () -> {
                try (Scope inside = new Scope(owner)) {
                    Optional<Tape> tape = back ? Optional.of(new Tape(inside, options.posSlice())) : Optional.empty();
                    HookDispatch hooks = HookDispatch.of(catalogue, options, cache, tape);
                    Map<String, NDArray> leaves = leaves(options.backward(), inside);
                    Parameters used = leaves.isEmpty() ? parameters : parameters.with(leaves, inside);
                    NDArray logits = forward.logits(hooks, inside, used);
                    Run.Extent extent = new Run.Extent(options.layers().stop().isPresent(), hooks.silent());
                    if (tape.isEmpty()) {
                        return new Run(owner, inside.keep(logits), cache, Run.Way.none(), extent);
                    }
                    // A constant that an edit put in everything's way: the gradients before it are zero, not an error.
                    NDArray begun = tape.get().tracked(logits);
                    NDArray metric = metric(options.backward(), begun, said, inside);
                    Run.Way way = back(tape.get(), metric, leaves, cache, inside);
                    return new Run(owner, inside.keep(logits.stopGradient()), cache, way, extent);
                }
            });
        } catch (RuntimeException | Error e) {
            cache.close();
            owner.close();
            throw e;
        }
    }

    /** Does a run; where autograd records it, Java memory that functions and metrics bring in is held as long as the graph. */
    private static Run recording(boolean on, Scope owner, Supplier<Run> run) {
        if (!on) {
            return Autograd.recording(false, run);
        }
        HeldBuffers held = new HeldBuffers();
        owner.hold(held);
        return Autograd.recording(true, () -> held.during(run));
    }

    /** The options with the functions that stay with the model. */
    private RunOptions checked(Tokens tokens, RunOptions asked) {
        requireOpen();
        if (!asked.keeping().batchDim() && tokens.batch() != 1) {
            throw new UsageException(
                    "The batch axis has %d sequences, and only one of size 1 can be left out (withoutBatchDim). Run one sequence, or keep the axis."
                            .formatted(tokens.batch()));
        }
        return asked.withHooks(board.with(asked.hooks()));
    }

    private ActivationCache emptyCache(Scope scope, Tokens tokens, RunOptions options) {
        return new ActivationCache(scope, tokens, catalogue, options.gates(), options.keeping());
    }

    private static NDArray metric(Backward wanted, NDArray logits, Tokens said, Scope inside) {
        NDArray metric = wanted.metric().orElseThrow().value(logits, said, inside);
        if (metric.size() != 1 || !Autograd.isRecorded(metric)) {
            throw new UsageException(
                    "A metric is one number computed from the logits by recorded operators; this one gave %s. Use Kernels and tensors."
                            .formatted(metric.getShape()));
        }
        return metric;
    }

    private static Run.Way back(
            Tape tape, NDArray metric, Map<String, NDArray> leaves, ActivationCache cache, Scope inside) {
        Map<String, NDArray> gradients = new LinkedHashMap<>();
        tape.back(metric, leaves, cache)
                .forEach((name, gradient) -> gradients.put(name, inside.keep(gradient.stopGradient())));
        return new Run.Way(OptionalDouble.of(metric.stopGradient().getFloat()), gradients);
    }

    /** The parameters whose gradients are wanted, as leaves of the graph that share the model's memory. */
    private Map<String, NDArray> leaves(Backward wanted, Scope inside) {
        Map<String, NDArray> leaves = new LinkedHashMap<>();
        for (String glob : wanted.parameters()) {
            for (String parameterName : parameters.matching(glob)) {
                NDArray leaf = inside.alias(parameters.get(parameterName));
                Autograd.track(leaf);
                leaves.put(parameterName, leaf);
            }
        }
        return leaves;
    }

    /** Runs a forward pass, which may stop early, for its cache alone, owned by the caller. */
    ActivationCache cache(Tokens tokens, RunOptions asked, Forward forward) {
        RunOptions options = checked(tokens, asked);
        ActivationCache cache = emptyCache(Scope.root(), tokens, options);
        try (Scope inside = Scope.root()) {
            HookDispatch hooks = HookDispatch.of(catalogue, options, cache, Optional.empty());
            Autograd.recording(false, () -> forward.logits(hooks, inside, parameters));
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
