package org.lens4j.analysis.patching;

import java.util.List;
import java.util.stream.IntStream;
import org.lens4j.analysis.Axis;
import org.lens4j.analysis.prompts.PromptPairs;
import org.lens4j.error.ShapeException;
import org.lens4j.model.HookedModel;
import org.lens4j.text.TokenLabels;
import org.lens4j.text.Tokens;

/**
 * Prompts that a model answers rightly, each beside one that differs in what is studied and is answered otherwise.
 *
 * <pre>{@code
 * PatchPairs pairs = PatchPairs.of(
 *         model,
 *         "When Mary and John went to the store, John gave a drink to",
 *         "When Mary and John went to the store, Mary gave a drink to");
 * PatchPairs many = PatchPairs.of(IndirectObjects.standard().withTemplates(one).pairs(model, 20, 1));
 * }</pre>
 *
 * @param clean {@code [batch pos]}
 * @param corrupted {@code [batch pos]}, padded where the clean ones are
 * @param labels what results call the pairs, one for each
 */
public record PatchPairs(Tokens clean, Tokens corrupted, List<String> labels) {
    /**
     * Checks that positions of one mean those of the other.
     *
     * @throws ShapeException if the two have other shapes or other padding
     */
    public PatchPairs {
        labels = List.copyOf(labels);
        if (clean.batch() != corrupted.batch() || clean.pos() != corrupted.pos()) {
            throw new ShapeException(
                    "Clean prompts are [batch=%d pos=%d] and corrupted ones [batch=%d pos=%d]: patching needs position for position. %s"
                            .formatted(
                                    clean.batch(),
                                    clean.pos(),
                                    corrupted.batch(),
                                    corrupted.pos(),
                                    "Change words for others of as many tokens; they are %s and %s."
                                            .formatted(clean.strings(0), corrupted.strings(0))));
        }
        if (labels.size() != clean.batch()) {
            throw new ShapeException("%d labels are given for %d pairs: %s. Give one for each."
                    .formatted(labels.size(), clean.batch(), labels));
        }
        for (int i = 0; i < clean.batch() * clean.pos(); i++) {
            int prompt = i / clean.pos();
            int pos = i % clean.pos();
            if (clean.isAttended(prompt, pos) != corrupted.isAttended(prompt, pos)) {
                throw new ShapeException(
                        "Position %d of prompt %d is padding in one of the clean and the corrupted prompt only. Pad both alike."
                                .formatted(pos, prompt));
            }
        }
    }

    /** Pairs of these, called by their numbers. */
    public static PatchPairs of(Tokens clean, Tokens corrupted) {
        return new PatchPairs(
                clean, corrupted, Axis.counted("prompt", clean.batch()).labels());
    }

    /**
     * One pair of texts, with what the model expects around them.
     *
     * @throws ShapeException if they have different numbers of tokens
     */
    public static PatchPairs of(HookedModel model, String clean, String corrupted) {
        return of(model.tokens(clean), model.tokens(corrupted));
    }

    /**
     * Pairs that were drawn for a task or written in a file, with their labels.
     *
     * @throws ShapeException if their prompts have different lengths: {@link LengthGroups} patches those
     */
    public static PatchPairs of(PromptPairs drawn) {
        return new PatchPairs(drawn.clean(), drawn.corrupted(), drawn.labels());
    }

    /** How many pairs. */
    public int size() {
        return clean.batch();
    }

    /** The pairs, by their labels. */
    Axis prompts() {
        return new Axis("prompt", labels);
    }

    /** The positions of a batch: labelled with their tokens where all prompts have the same there. */
    static Axis positions(String name, Tokens tokens) {
        List<String> first = TokenLabels.labels(tokens.strings(0));
        return new Axis(
                name,
                IntStream.range(0, tokens.pos())
                        .mapToObj(pos -> alike(tokens, pos) ? first.get(pos) : Integer.toString(pos))
                        .toList());
    }

    private static boolean alike(Tokens tokens, int pos) {
        return IntStream.range(1, tokens.batch())
                .allMatch(row ->
                        tokens.strings(row).get(pos).equals(tokens.strings(0).get(pos)));
    }

    /** The last position of a prompt that is no padding. */
    static int last(Tokens tokens, int prompt) {
        int last = tokens.pos() - 1;
        while (last > 0 && !tokens.isAttended(prompt, last)) {
            last--;
        }
        return last;
    }
}
