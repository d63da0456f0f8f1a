package org.lens4j.model;

import ai.djl.ndarray.NDArray;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.lens4j.cache.ActivationCache;
import org.lens4j.config.ModelConfig;
import org.lens4j.config.Stacks;
import org.lens4j.error.ShapeException;
import org.lens4j.error.UsageException;
import org.lens4j.hook.HookCatalogue;
import org.lens4j.hook.HookName;
import org.lens4j.hook.Hooks;
import org.lens4j.tensor.Scope;
import org.lens4j.text.Tokenizer;
import org.lens4j.text.Tokens;
import org.lens4j.weights.Parameters;

/**
 * A model of two stacks such as T5: one reads a text, the other says another and looks at what the first made of it. Its
 * weights are always those of the file. There is no limit to the length of a text: distances beyond the last bucket are
 * all alike. TransformerLens: {@code HookedEncoderDecoder}.
 *
 * <pre>{@code
 * try (HookedEncoderDecoder t5 = Lens.loadEncoderDecoder("google-t5/t5-small");
 *         Run run = t5.run(t5.tokens("translate English to French: Hello"), t5.startTokens(1), RunOptions.defaults())) {
 *     NDArray logits = run.logits();    // [batch pos d_vocab] of the text that is said
 * }
 * }</pre>
 */
public final class HookedEncoderDecoder implements HookedModel {
    private final ModelCore core;
    private final TwoStacks stacks;
    private final long startToken;

    /**
     * Takes ownership of the parameters and the tokenizer.
     *
     * @param name for messages
     * @param config the shape, of two stacks
     * @param parameters under TransformerLens's names, in its layouts, float32
     * @param tokenizer empty for a model that takes only ids
     * @param lackOfTokenizer the message for whoever gives the model text though it has no tokenizer
     */
    public HookedEncoderDecoder(
            String name,
            ModelConfig config,
            Parameters parameters,
            Optional<Tokenizer> tokenizer,
            String lackOfTokenizer) {
        if (!(config.stacks() instanceof Stacks.EncoderDecoder two)) {
            throw new UsageException(
                    "%s has the stacks %s, and HookedEncoderDecoder is for an encoder and a decoder. Lens.loadModel chooses the class by itself."
                            .formatted(config.family(), config.stacks()));
        }
        this.core = new ModelCore(name, config, parameters, tokenizer, lackOfTokenizer);
        this.stacks = TwoStacks.of(config, two, parameters);
        this.startToken = two.startTokenId();
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

    /** {@inheritDoc} The tokenizer's own rule puts the token that ends a text behind it. */
    @Override
    public Tokens tokens(String text) {
        return tokenizer().framed(text);
    }

    /**
     * What the decoder's texts begin with: its start token alone.
     *
     * @param batch how many texts are read
     */
    public Tokens startTokens(int batch) {
        return Tokens.of(
                Stream.generate(() -> new long[] {startToken}).limit(batch).toArray(long[][]::new));
    }

    /**
     * The start token, and a text behind it: what the decoder is fed to see what it would say at each place of that text.
     *
     * @param ids of one text
     */
    public Tokens decoderTokens(long... ids) {
        long[] all = new long[ids.length + 1];
        all[0] = startToken;
        System.arraycopy(ids, 0, all, 1, ids.length);
        return hasTokenizer() ? Tokens.of(all, tokenizer()) : Tokens.of(all);
    }

    @Override
    public void check(Tokens tokens) {
        core.checkVocabulary(tokens);
        if (tokens.hasSegments()) {
            throw new UsageException(
                    "These tokens have segments, and %s knows none. Give tokens without: Tokens.of(ids)."
                            .formatted(name()));
        }
    }

    private void check(Tokens input, Tokens said, RunOptions options) {
        check(input);
        check(said);
        if (input.batch() != said.batch()) {
            throw new ShapeException("%d texts are read and %d said. Give the decoder one for each."
                    .formatted(input.batch(), said.batch()));
        }
        if (options.past().isPresent()) {
            throw new UsageException(
                    "%s has two stacks, and takes no key-value cache of one. Say a text piece by piece: saying(input)."
                            .formatted(name()));
        }
    }

    /**
     * Computes logits with every option.
     *
     * @param input what is read
     * @param decoderTokens what is said so far, beginning with the start token; as many texts
     * @return logits {@code [batch pos d_vocab]} of the decoder's positions; owned by the caller
     * @throws org.lens4j.error.RangeException if an id is outside the vocabulary
     * @throws ShapeException if the numbers of texts differ
     */
    public Run run(Tokens input, Tokens decoderTokens, RunOptions options) {
        check(input, decoderTokens, options);
        return core.run(
                input,
                decoderTokens,
                options,
                (hooks, inside, used) -> logits(input, decoderTokens, through(used), hooks, inside));
    }

    /** {@link #run(Tokens, Tokens, RunOptions)} of the start token alone: what is said first. */
    @Override
    public Run run(Tokens tokens, RunOptions options) {
        return run(tokens, startTokens(tokens.batch()), options);
    }

    /**
     * Keeps activations, without logits.
     *
     * @param input what is read
     * @param decoderTokens what is said so far, as many texts
     * @return owned by the caller
     */
    public ActivationCache cache(Tokens input, Tokens decoderTokens, RunOptions options) {
        check(input, decoderTokens, options);
        return core.cache(input, options, (hooks, inside, used) -> logits(input, decoderTokens, stacks, hooks, inside));
    }

    /** {@link #cache(Tokens, Tokens, RunOptions)} of the start token alone. */
    @Override
    public ActivationCache cache(Tokens tokens, RunOptions options) {
        return cache(tokens, startTokens(tokens.batch()), options);
    }

    /**
     * Texts to be read once and spoken about piece by piece.
     *
     * @param input what is read
     * @return owned by the caller
     * @throws org.lens4j.error.RangeException if an id is outside the vocabulary
     */
    public Saying saying(Tokens input) {
        check(input);
        return new Saying(this, input);
    }

    Run say(Tokens next, RunOptions options, Saying saying) {
        check(saying.input(), next, options);
        return core.run(
                saying.input(),
                next,
                options,
                (hooks, inside, used) -> saying.logits(next, through(used), hooks, inside));
    }

    /** The stacks with these parameters. */
    private TwoStacks through(Parameters used) {
        return used != parameters() && config().stacks() instanceof Stacks.EncoderDecoder two
                ? TwoStacks.of(config(), two, used)
                : stacks;
    }

    private static NDArray logits(
            Tokens input, Tokens decoderTokens, TwoStacks stacks, HookDispatch hooks, Scope scope) {
        Pass.Read text = new Pass.Read(input.tensor(scope), input.attended(scope));
        Pass.Read said = new Pass.Read(decoderTokens.tensor(scope), decoderTokens.attended(scope));
        NDArray memory = stacks.read(text, hooks, scope);
        return stacks.say(said, new TwoStacks.Heard(memory, text, Optional.empty()), hooks, scope);
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
