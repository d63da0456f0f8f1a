package org.lens4j.model;

import ai.djl.ndarray.NDArray;
import java.util.Optional;
import org.lens4j.error.ShapeException;
import org.lens4j.tensor.Scope;
import org.lens4j.text.Tokens;

/**
 * Texts that were read, and what is said about them piece by piece: the encoder runs once, with the first piece, and the decoder
 * reads every token once. Owns native memory.
 *
 * <pre>{@code
 * try (Saying saying = t5.saying(input);
 *         Run first = saying.run(t5.startTokens(1), RunOptions.defaults())) {
 *     NDArray logits = first.logits();    // [batch pos d_vocab] of this piece
 * }
 * }</pre>
 */
public final class Saying implements AutoCloseable {
    private final HookedEncoderDecoder model;
    private final Tokens input;
    private final Scope scope = Scope.root();
    private final KvCache past = new KvCache();
    private Optional<NDArray> memory = Optional.empty();

    Saying(HookedEncoderDecoder model, Tokens input) {
        this.model = model;
        this.input = input;
    }

    /**
     * Lets the decoder read what comes next. Functions of the encoder are called with the first piece only, those of the decoder
     * with the tokens of the piece. A run that is interrupted or fails has said nothing.
     *
     * @param next behind what was said before, one row for each text that was read; the first piece begins with the start token
     * @return logits {@code [batch pos d_vocab]} of the piece; owned by the caller
     * @throws ShapeException if the numbers of texts differ
     */
    public Run run(Tokens next, RunOptions options) {
        return model.say(next, options, this);
    }

    /** The logits of a piece. */
    NDArray logits(Tokens next, TwoStacks stacks, HookDispatch hooks, Scope inside) {
        Pass.Read text = new Pass.Read(input.tensor(inside), input.attended(inside));
        Pass.Read said = new Pass.Read(next.tensor(inside), Optional.empty());
        return past.whole(() -> {
            NDArray read = memory.map(inside::alias).orElseGet(() -> stacks.read(text, hooks, inside));
            NDArray logits = stacks.say(said, new TwoStacks.Heard(read, text, Optional.of(past)), hooks, inside);
            if (memory.isEmpty()) {
                memory = Optional.of(scope.copy(read));
            }
            return logits;
        });
    }

    /** What is read. */
    Tokens input() {
        return input;
    }

    @Override
    public void close() {
        past.close();
        scope.close();
    }
}
