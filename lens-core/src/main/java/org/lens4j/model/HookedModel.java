package org.lens4j.model;

import ai.djl.ndarray.NDArray;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.lens4j.cache.ActivationCache;
import org.lens4j.config.ModelConfig;
import org.lens4j.hook.HookCatalogue;
import org.lens4j.hook.HookName;
import org.lens4j.hook.Hooks;
import org.lens4j.text.AnswerToken;
import org.lens4j.text.PaddingSide;
import org.lens4j.text.Tokenizer;
import org.lens4j.text.Tokens;
import org.lens4j.weights.Parameters;

/**
 * A model whose every internal activation has a name and can be read or replaced, whatever stacks of blocks it has. Owns its
 * parameters; closing it frees them. Runs do not change it, so several threads may run it at once.
 *
 * <pre>{@code
 * try (HookedModel model = Lens.loadModel("./bert-base-cased");
 *         Run run = model.runWithCache(model.tokens("Paris is the [MASK] of France."))) {
 *     NDArray logits = run.logits();    // [batch pos d_vocab]
 * }
 * }</pre>
 */
public sealed interface HookedModel extends AutoCloseable
        permits HookedTransformer, HookedEncoder, HookedEncoderDecoder {
    /** The name it was loaded by. */
    String name();

    /** Its shape. */
    ModelConfig config();

    /** Its parameters, for code that moves or saves them; operators on them are refused, see {@link #parameter}. */
    Parameters parameters();

    /**
     * A parameter to compute with. What is computed from it belongs to the model too and is freed with it, so duplicate what
     * shall outlive the model; a view of it may be memory of a mapped file, which goes with the model.
     *
     * @param parameterName TransformerLens's, for example {@code blocks.0.attn.W_Q}, {@code [head d_model d_head]}
     * @return shares the model's memory: do not change it; owned by the model. Where heads share keys and values,
     *     {@code W_K} and the like are given once for every head, and {@code _W_K} as stored
     * @throws org.lens4j.error.UnknownNameException if there is none; names the closest
     */
    NDArray parameter(String parameterName);

    /** Its hook points. */
    HookCatalogue hooks();

    /**
     * Lets functions stay with the model: every run calls them, before its own, until the attachment is closed. Attachments
     * nest in any order. TransformerLens: {@code hooks()}, {@code add_hook}.
     *
     * @throws org.lens4j.error.UnknownNameException for a name the model does not have
     */
    Attachment attach(Hooks hooks);

    /** {@link #attach} of functions that are called before all that are attached already. TransformerLens: {@code prepend}. */
    Attachment attachFirst(Hooks hooks);

    /** {@link #attach} of functions that {@link #resetHooks()} leaves alone. TransformerLens: {@code add_perma_hook}. */
    Attachment attachPermanently(Hooks hooks);

    /** Takes away every function that stays with the model, but the permanent ones. */
    void resetHooks();

    /** Takes away the permanent ones, too. */
    void resetAllHooks();

    /**
     * What functions at a hook point want to remember between runs. TransformerLens: {@code HookPoint.ctx}.
     *
     * @return the same map for the same point until {@link #clearContexts}; several threads may use it
     */
    Map<String, Object> context(HookName name);

    /** Forgets what functions remember. */
    void clearContexts();

    /** Whether it can be given text. */
    boolean hasTokenizer();

    /**
     * Its tokenizer, owned by the model.
     *
     * @throws org.lens4j.error.StateException if its files have none
     */
    Tokenizer tokenizer();

    /**
     * The tokens of a text, with what the model expects around one.
     *
     * @throws org.lens4j.error.StateException if the model has no tokenizer
     */
    Tokens tokens(String text);

    /**
     * The tokens of a text and nothing around them. TransformerLens: {@code to_tokens} with {@code prepend_bos=False}.
     *
     * @throws org.lens4j.error.StateException if the model has no tokenizer
     */
    default Tokens bareTokens(String text) {
        return Tokens.of(tokenizer().encode(text), tokenizer());
    }

    /**
     * The tokens of several texts, each with what the model expects around one, filled up to the longest; no token sees the
     * filling. TransformerLens: {@code to_tokens} of a list, with {@code padding_side}.
     *
     * @param side where filling goes; on the left the last tokens stand in one column, as generating needs it
     * @param texts at least one
     * @throws org.lens4j.error.StateException if the model has no tokenizer
     */
    default Tokens tokens(PaddingSide side, String... texts) {
        long[][] ids = Arrays.stream(texts)
                .map(text ->
                        tokens(text).ids(0).stream().mapToLong(Long::longValue).toArray())
                .toArray(long[][]::new);
        return Tokens.padded(side, Math.max(0, config().bosTokenId()), ids).withStrings(tokenizer());
    }

    /**
     * A token it may answer with.
     *
     * @param text one token, with the space before a word: {@code " Mary"}; or {@code id:5335}
     * @throws org.lens4j.error.UsageException if it is several tokens or none; shows them. A model without a tokenizer knows
     *     ids alone
     */
    default AnswerToken answer(String text) {
        return AnswerToken.of(hasTokenizer() ? Optional.of(tokenizer()) : Optional.empty(), text);
    }

    /**
     * Checks that the model can be fed these tokens; every run does it first.
     *
     * @throws org.lens4j.error.RangeException if there are too many positions, or an id is outside the vocabulary
     */
    void check(Tokens tokens);

    /**
     * Computes logits with every option.
     *
     * @return owned by the caller
     */
    Run run(Tokens tokens, RunOptions options);

    /**
     * Keeps activations and computes nothing that they do not need; there are no logits.
     *
     * @param options what to keep, at least one name
     * @return owned by the caller
     * @throws org.lens4j.error.UnknownNameException for a name the model does not have
     */
    ActivationCache cache(Tokens tokens, RunOptions options);

    /**
     * Computes logits.
     *
     * @param tokens at most {@code nCtx} positions
     * @return owned by the caller
     * @throws org.lens4j.error.RangeException if there are too many positions, or an id is outside the vocabulary
     */
    default Run run(Tokens tokens) {
        return run(tokens, RunOptions.defaults());
    }

    /** {@link #run(Tokens)} of a text. */
    default Run run(String text) {
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
    default Run runWithCache(Tokens tokens, String... names) {
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
    default Run runWithHooks(Tokens tokens, Hooks hooks) {
        return run(tokens, RunOptions.defaults().withHooks(hooks));
    }

    /**
     * {@link #cache(Tokens, RunOptions)} without options.
     *
     * @param tokens at most {@code nCtx} positions
     * @param names names or globs of hook points, at least one
     * @return owned by the caller
     * @throws org.lens4j.error.UnknownNameException for a name the model does not have
     */
    default ActivationCache cache(Tokens tokens, String... names) {
        return cache(tokens, RunOptions.defaults().withCached(names));
    }

    @Override
    void close();
}
