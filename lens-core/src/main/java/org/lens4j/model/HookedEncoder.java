package org.lens4j.model;

import ai.djl.ndarray.NDArray;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.lens4j.cache.ActivationCache;
import org.lens4j.config.ModelConfig;
import org.lens4j.config.Stacks;
import org.lens4j.error.RangeException;
import org.lens4j.error.StateException;
import org.lens4j.hook.Gate;
import org.lens4j.hook.HookCatalogue;
import org.lens4j.hook.HookName;
import org.lens4j.hook.HookPoint;
import org.lens4j.hook.Hooks;
import org.lens4j.tensor.Scope;
import org.lens4j.text.Tokenizer;
import org.lens4j.text.Tokens;
import org.lens4j.weights.Parameters;

/**
 * An encoder such as BERT: it reads a text in both directions and says what stands at masked positions. Its weights are
 * always those of the file: norms stand behind sums, so there is nothing to fold them into. TransformerLens:
 * {@code HookedEncoder}, and {@code BertNextSentencePrediction} with {@link RunOptions#withNextSentence}.
 *
 * <pre>{@code
 * try (HookedEncoder bert = Lens.loadEncoder("google-bert/bert-base-cased")) {
 *     MaskedTokens.of(bert, bert.tokens("Paris is the [MASK] of France."), 5)
 * }
 * }</pre>
 */
public final class HookedEncoder implements HookedModel {
    private final ModelCore core;
    private final Encoder encoder;

    /**
     * Takes ownership of the parameters and the tokenizer.
     *
     * @param name for messages
     * @param config the shape, of one stack that is an encoder
     * @param parameters under TransformerLens's names, in its layouts, float32
     * @param tokenizer empty for a model that takes only ids
     * @param lackOfTokenizer the message for whoever gives the model text though it has no tokenizer
     */
    public HookedEncoder(
            String name,
            ModelConfig config,
            Parameters parameters,
            Optional<Tokenizer> tokenizer,
            String lackOfTokenizer) {
        this.core = new ModelCore(name, config, parameters, tokenizer, lackOfTokenizer);
        this.encoder = Encoder.of(config, parameters);
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
    public Parameters parameters() {
        return core.parameters();
    }

    @Override
    public NDArray parameter(String parameterName) {
        return core.parameter(parameterName);
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

    /** {@inheritDoc} The tokenizer's own rule puts {@code [CLS]} in front and {@code [SEP]} behind. */
    @Override
    public Tokens tokens(String text) {
        return tokenizer().framed(text);
    }

    /**
     * The tokens of two texts in one sequence, each in a segment of its own.
     *
     * @throws StateException if the model has no tokenizer
     */
    public Tokens tokens(String first, String second) {
        return tokenizer().framed(first, second);
    }

    @Override
    public void check(Tokens tokens) {
        core.checkLength(tokens);
        core.checkVocabulary(tokens);
        int known = config().stacks() instanceof Stacks.Encoder reader ? reader.tokenTypes() : 1;
        for (int sequence = 0; sequence < tokens.batch(); sequence++) {
            for (int pos = 0; pos < tokens.pos(); pos++) {
                if (tokens.segment(sequence, pos) >= known) {
                    throw new RangeException(
                            "Position %d of sequence %d is in segment %d, and %s has segments 0 to %d. Give one of those."
                                    .formatted(pos, sequence, tokens.segment(sequence, pos), name(), known - 1));
                }
            }
        }
    }

    private void check(Tokens tokens, RunOptions options) {
        check(tokens);
        if (options.past().isPresent()) {
            throw new StateException(
                    "%s reads in both directions, so what it made of a text changes with every token that follows, and cannot be remembered. Run it without a KvCache."
                            .formatted(name()));
        }
        if (options.gates().contains(Gate.NEXT_SENTENCE)
                && !(parameters().has("pooler.W") && parameters().has("nsp_head.W"))) {
            throw new StateException(
                    "The files of %s hold no head for the next sentence (bert.pooler, cls.seq_relationship). Load a model that was saved with it, or run without withNextSentence()."
                            .formatted(name()));
        }
    }

    @Override
    public Run run(Tokens tokens, RunOptions options) {
        check(tokens, options);
        return core.run(tokens, options, (hooks, inside, used) -> {
            Encoder through = used == parameters() ? encoder : Encoder.of(config(), used);
            NDArray hidden =
                    through.hidden(pass(tokens, hooks, inside), tokens.segments(inside), config().nLayers(), inside);
            NDArray logits = through.unembed(hidden, hooks);
            through.nextSentence(hidden, hooks);
            return logits;
        });
    }

    /** {@inheritDoc} The pass stops after the last block it needs. */
    @Override
    public ActivationCache cache(Tokens tokens, RunOptions options) {
        check(tokens, options);
        List<HookName> wanted = hooks().picked(options.cached(), options.gates());
        boolean toTheEnd = wanted.stream().anyMatch(it -> it.point().afterBlocks());
        int stop = toTheEnd ? config().nLayers() : HookedTransformer.lastLayer(wanted) + 1;
        return core.cache(tokens, options, (hooks, inside, used) -> {
            NDArray hidden = encoder.hidden(pass(tokens, hooks, inside), tokens.segments(inside), stop, inside);
            if (toTheEnd) {
                encoder.unembed(hidden, hooks);
                encoder.nextSentence(hidden, hooks);
            }
            return hidden;
        });
    }

    private Pass pass(Tokens tokens, HookDispatch hooks, Scope scope) {
        return new Pass(
                config(),
                encoder.constants(),
                tokens.tensor(scope),
                tokens.attended(scope),
                Optional.empty(),
                hooks,
                scope);
    }

    /**
     * How sure the model is that the second segment follows the first in the text they are from.
     *
     * @param tokens two segments; the first sequence counts
     * @return 0 to 1
     * @throws StateException if the model's files have no head for that
     */
    public float nextSentence(Tokens tokens) {
        String scores = new HookName(HookPoint.NSP_OUT, HookName.NO_LAYER).full();
        try (ActivationCache cache =
                cache(tokens, RunOptions.defaults().withNextSentence().withCached(scores))) {
            float[] both = cache.get(scores).toFloatArray();
            return (float) (1 / (1 + Math.exp((double) both[1] - both[0])));
        }
    }

    /** {@link #nextSentence(Tokens)} of two texts. */
    public float nextSentence(String first, String second) {
        return nextSentence(tokens(first, second));
    }

    @Override
    public void close() {
        core.close();
    }

    @Override
    public String toString() {
        return core.toString();
    }
}
