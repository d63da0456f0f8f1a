package org.lens4j.text;

import java.util.Optional;
import org.lens4j.error.Shortened;
import org.lens4j.error.UsageException;

/**
 * A token that a model may answer with: its id, its text, and what a reader should know about the choice.
 *
 * <pre>{@code
 * AnswerToken mary = model.answer(" Mary");
 * }</pre>
 *
 * @param id in the vocabulary
 * @param text decoded, with its leading space; the id where there is no tokenizer
 * @param note a sentence, if the token may be another than was meant
 */
public record AnswerToken(long id, String text, Optional<String> note) {
    private static final String ID = "id:";

    /** A token that is known by its id alone. */
    public static AnswerToken of(long id) {
        return new AnswerToken(id, Long.toString(id), Optional.empty());
    }

    /**
     * The token a text is. A word without a space in front, which continues no text, gets a note.
     *
     * @param text one token, or {@code id:5335}
     * @throws UsageException if it is several tokens or none; shows them
     */
    public static AnswerToken of(Tokenizer tokenizer, String text) {
        if (isId(text)) {
            long id = Long.parseLong(text.substring(ID.length()));
            return new AnswerToken(id, tokenizer.string(id), Optional.empty());
        }
        if (text.isEmpty()) {
            throw new UsageException("An answer is empty, and one token is needed. Give a word: \" Mary\".");
        }
        return new AnswerToken(
                tokenizer.single(text), text, Answer.of(tokenizer, text).note());
    }

    /**
     * The token of a model that may have no tokenizer: then only ids mean something.
     *
     * @throws UsageException if it is neither an id nor one token
     */
    public static AnswerToken of(Optional<Tokenizer> tokenizer, String text) {
        if (tokenizer.isPresent()) {
            return of(tokenizer.get(), text);
        }
        String digits = isId(text) ? text.substring(ID.length()) : text;
        if (!digits.matches("\\d{1,18}")) {
            throw new UsageException("\"%s\" is a text, and the model has no tokenizer. Give the token's id: id:5335."
                    .formatted(Shortened.of(text)));
        }
        return of(Long.parseLong(digits));
    }

    private static boolean isId(String text) {
        return text.matches("id:\\d{1,18}");
    }
}
