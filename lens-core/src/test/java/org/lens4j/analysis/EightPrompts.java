package org.lens4j.analysis;

import java.util.List;
import java.util.stream.IntStream;
import org.lens4j.model.HookedModel;
import org.lens4j.text.AnswerToken;
import org.lens4j.text.Tokens;

/**
 * The eight prompts TransformerLens's documents look at: four sentences, each with either of its two people as the giver.
 *
 * @param clean {@code [prompt pos]}
 * @param corrupted the same sentence with the other giver
 * @param given who is given something, for each prompt
 * @param givers who gives it
 */
public record EightPrompts(Tokens clean, Tokens corrupted, List<AnswerToken> given, List<AnswerToken> givers) {
    /** Who is given something, and who if the giver is the other one. */
    private static final List<List<String>> NAMES = List.of(
            List.of(" Mary", " John"), List.of(" Tom", " James"), List.of(" Dan", " Sid"), List.of(" Martin", " Amy"));

    private static final List<String> TEMPLATES = List.of(
            "When John and Mary went to the shops,%s gave the bag to",
            "When Tom and James went to the park,%s gave the ball to",
            "When Dan and Sid went to the shops,%s gave an apple to",
            "After Martin and Amy went to the park,%s gave a drink to");

    /** In the tokens of a model; each name must be one. */
    public static EightPrompts of(HookedModel model) {
        List<Tokens> prompts = texts().stream().map(model::tokens).toList();
        Tokens clean = Tokens.joined(prompts);
        return new EightPrompts(
                clean,
                clean.sequences(1, 0, 3, 2, 5, 4, 7, 6),
                IntStream.range(0, 8).mapToObj(i -> model.answer(given(i))).toList(),
                IntStream.range(0, 8).mapToObj(i -> model.answer(giver(i))).toList());
    }

    /** The tokens of who is given something. */
    public long[] right() {
        return given.stream().mapToLong(AnswerToken::id).toArray();
    }

    /** The tokens of who gives it. */
    public long[] wrong() {
        return givers.stream().mapToLong(AnswerToken::id).toArray();
    }

    /** In their order. */
    static List<String> texts() {
        return IntStream.range(0, 8)
                .mapToObj(i -> TEMPLATES.get(i / 2).formatted(giver(i)))
                .toList();
    }

    /** Who is given something in a prompt, with a space in front. */
    static String given(int prompt) {
        return NAMES.get(prompt / 2).get(prompt % 2);
    }

    /** Who gives it. */
    static String giver(int prompt) {
        return NAMES.get(prompt / 2).get(1 - prompt % 2);
    }
}
