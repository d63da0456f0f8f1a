package org.lens4j.cli;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.lens4j.error.ShapeException;
import org.lens4j.error.UsageException;
import org.lens4j.model.HookedModel;
import org.lens4j.text.Tokens;
import picocli.CommandLine.Option;

/** What is fed, one of two. */
final class TokenWords {
    private static final String FORM =
            "Write ids with blanks between them and sequences with ; between them: '464 3290; 262 318'.";

    @Option(
            names = "--tokens",
            paramLabel = "IDS",
            description = "Token ids as they are, without a token in front; sequences of one length, separated by ;"
                    + " as in '464 3290; 262 318'.")
    private Optional<String> ids = Optional.empty();

    @Option(
            names = "--text",
            paramLabel = "TEXT",
            description = "A text for the model's tokenizer, with the token that begins a text in front.")
    private Optional<String> text = Optional.empty();

    TokenWords() {}

    /** Whether anything is said. */
    boolean isGiven() {
        return ids.isPresent() || text.isPresent();
    }

    /**
     * Looks before a model is loaded.
     *
     * @throws UsageException if there is nothing to feed, or ids that are none
     */
    void check() {
        if (!isGiven()) {
            throw new UsageException("Say what to feed the model: --tokens '464 3290; 262 318' or --text 'When Mary'.");
        }
        ids.ifPresent(TokenWords::parse);
    }

    /** The text, if one was given. */
    Optional<String> text() {
        return text;
    }

    /** The tokens, for this model. */
    Tokens of(HookedModel model) {
        return ids.map(TokenWords::parse).orElseGet(() -> model.tokens(text.orElse("")));
    }

    /**
     * Ids from text.
     *
     * @throws UsageException if a word is no id
     * @throws ShapeException if the sequences differ in length
     */
    static Tokens parse(String text) {
        return parse("--tokens", text);
    }

    /** {@link #parse(String)} of what another option was given. */
    static Tokens parse(String option, String text) {
        List<long[]> sequences = Arrays.stream(text.split(";", -1))
                .map(String::strip)
                .filter(it -> !it.isEmpty())
                .map(it -> sequence(option, it))
                .toList();
        if (sequences.isEmpty()) {
            throw new UsageException("%s \"%s\" has no token ids. %s".formatted(option, text, FORM));
        }
        List<Integer> lengths = sequences.stream().map(it -> it.length).toList();
        if (lengths.stream().distinct().count() > 1) {
            throw new ShapeException(
                    "%s has sequences of %s tokens, and all of one run must have the same length. Pad them, or run them one by one."
                            .formatted(
                                    option,
                                    String.join(
                                            ", ",
                                            lengths.stream()
                                                    .map(String::valueOf)
                                                    .toList())));
        }
        return Tokens.of(sequences.toArray(long[][]::new));
    }

    private static long[] sequence(String option, String words) {
        return Arrays.stream(words.split("[\\s,]+"))
                .filter(it -> !it.isEmpty())
                .mapToLong(it -> id(option, it))
                .toArray();
    }

    private static long id(String option, String word) {
        if (!word.matches("\\d{1,18}")) {
            throw new UsageException("\"%s\" in %s is no token id. %s".formatted(word, option, FORM));
        }
        return Long.parseLong(word);
    }
}
