package org.lens4j.text;

import java.util.List;
import java.util.Optional;
import java.util.stream.LongStream;

/**
 * A text that may follow a prompt, as tokens, and what is odd about it.
 *
 * <pre>{@code
 * Answer.of(tokenizer, "Mary").note();    // "Mary" begins without a space; …
 * }</pre>
 *
 * @param text as it was given
 * @param ids its tokens, at least one
 * @param strings the text of each
 * @param note what a reader should know: that it is several tokens, or another word than was meant; empty if nothing
 */
public record Answer(String text, List<Long> ids, List<String> strings, Optional<String> note) {
    /** Copies the lists. */
    public Answer {
        ids = List.copyOf(ids);
        strings = List.copyOf(strings);
    }

    /**
     * The tokens of an answer, as it is written: nothing is put before it and nothing is cut.
     *
     * @throws org.lens4j.error.UsageException if it is empty
     */
    public static Answer of(Tokenizer tokenizer, String text) {
        long[] ids = tokenizer.encode(text);
        if (ids.length == 0) {
            throw new org.lens4j.error.UsageException(
                    "An answer is empty, so it has no token. Write one with its leading space: \" Mary\".");
        }
        List<String> strings = tokenizer.strings(ids);
        return new Answer(text, LongStream.of(ids).boxed().toList(), strings, note(tokenizer, text, strings));
    }

    private static Optional<String> note(Tokenizer tokenizer, String text, List<String> strings) {
        boolean word = Character.isLetterOrDigit(text.codePointAt(0));
        long[] spaced = tokenizer.encode(" " + text);
        boolean another =
                word && spaced.length > 0 && !tokenizer.decode(spaced[0]).equals(strings.get(0));
        if (another) {
            return Optional.of("\"%s\" begins without a space, and a word inside a text has one: \" %s\" is %s."
                    .formatted(text, text, spaced.length == 1 ? "another token" : spaced.length + " tokens"));
        }
        if (strings.size() > 1) {
            return Optional.of("\"%s\" is %d tokens, %s; each counts behind those before it."
                    .formatted(text, strings.size(), strings));
        }
        return Optional.empty();
    }

    /** Whether it is one token. */
    public boolean isOneToken() {
        return ids.size() == 1;
    }
}
