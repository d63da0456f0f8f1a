package org.lens4j.analysis.prompts;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import org.lens4j.analysis.Axis;
import org.lens4j.error.ShapeException;
import org.lens4j.text.PaddingSide;
import org.lens4j.text.Tokenizer;
import org.lens4j.text.Tokens;

/**
 * Prompt pairs of one task, drawn from a seed.
 *
 * <pre>{@code
 * PromptPairs pairs = IndirectObjects.standard().pairs(model, 20, 1);
 * model.run(pairs.clean());    // [pair pos]
 * }</pre>
 *
 * @param task what they are about
 * @param seed the same seed gives the same pairs
 * @param pairs at least one, no two alike
 */
public record PromptPairs(String task, long seed, List<PromptPair> pairs) {
    /** Copies the list. */
    public PromptPairs {
        pairs = List.copyOf(pairs);
    }

    /** How many. */
    public int size() {
        return pairs.size();
    }

    /**
     * The clean prompts as one batch. Prompts of different lengths cannot be compared position by position: {@link #byLength}
     * parts them.
     *
     * @return {@code [pair pos]}
     * @throws ShapeException if they have different lengths
     */
    public Tokens clean() {
        return batch(PromptPair::cleanTokens);
    }

    /**
     * The corrupted prompts as one batch, in the same order.
     *
     * @return {@code [pair pos]}
     * @throws ShapeException if they have different lengths
     */
    public Tokens corrupted() {
        return batch(PromptPair::corruptedTokens);
    }

    private Tokens batch(Function<PromptPair, Tokens> which) {
        Map<Integer, PromptPairs> lengths = byLength();
        if (lengths.size() > 1) {
            throw new ShapeException(
                    "The %d prompt pairs of %s have %s tokens, and one batch has one length. Take byLength(), or clean(tokenizer), which pads; new LengthGroups(pairs) patches them as one sweep."
                            .formatted(size(), task, lengths.keySet()));
        }
        List<Tokens> all = pairs.stream().map(which).toList();
        return Tokens.joined(all);
    }

    /**
     * The clean prompts as one batch, padded on the left: the last tokens stand in the last column.
     *
     * @param tokenizer of the model they were drawn for
     */
    public Tokens clean(Tokenizer tokenizer) {
        return padded(PromptPair::cleanTokens, tokenizer);
    }

    /** The corrupted prompts as one batch, padded on the left. */
    public Tokens corrupted(Tokenizer tokenizer) {
        return padded(PromptPair::corruptedTokens, tokenizer);
    }

    private Tokens padded(Function<PromptPair, Tokens> which, Tokenizer tokenizer) {
        long[][] ids = pairs.stream()
                .map(which)
                .map(it -> it.ids(0).stream().mapToLong(Long::longValue).toArray())
                .toArray(long[][]::new);
        return Tokens.padded(PaddingSide.LEFT, ids[0][0], ids).withStrings(tokenizer);
    }

    /** These parted by how many tokens the prompts have, fewest first. */
    public Map<Integer, PromptPairs> byLength() {
        Map<Integer, List<PromptPair>> parted = new TreeMap<>();
        for (PromptPair pair : pairs) {
            parted.computeIfAbsent(pair.cleanTokens().pos(), it -> new ArrayList<>())
                    .add(pair);
        }
        Map<Integer, PromptPairs> lengths = new TreeMap<>();
        parted.forEach((length, some) -> lengths.put(length, new PromptPairs(task, seed, some)));
        return lengths;
    }

    /** The first right answer of each pair, {@code [pair]}. */
    public long[] rightTokens() {
        return pairs.stream().mapToLong(it -> it.answer().id()).toArray();
    }

    /** The first wrong answer of each pair, {@code [pair]}. */
    public long[] wrongTokens() {
        return pairs.stream().mapToLong(it -> it.wrongAnswer().id()).toArray();
    }

    /** What results call the pairs: their labels, or their numbers where they have none. */
    public List<String> labels() {
        List<String> labels = new ArrayList<>();
        for (int i = 0; i < size(); i++) {
            labels.add(pairs.get(i).label().orElse(Integer.toString(i)));
        }
        return labels;
    }

    /** An axis with one label for each pair, for grids of results by prompt. */
    public Axis axis() {
        List<String> labels = new ArrayList<>();
        for (int i = 0; i < size(); i++) {
            labels.add(i + " " + pairs.get(i).clean());
        }
        return new Axis("prompt", labels);
    }
}
