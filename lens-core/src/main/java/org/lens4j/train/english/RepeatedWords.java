package org.lens4j.train.english;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** Random words in a random order, then the same words again: what an induction head continues (Olsson et al. 2022).
 *
 * <p>Every document draws anew how many words come before the block that repeats, how long the block is and where the
 * text stops, so a position or a distance never tells what comes next; only the words do. No word stands twice in a
 * block. A few of the words are made up, letters and symbols of any script, so that the bytes are learned too. Held out:
 * one pair of neighbouring words in ten; the block of a probe is made of such pairs only.
 *
 * @param pool the words to choose from, without spaces */
public record RepeatedWords(List<String> pool) implements ProbedKind {
    /** The shortest and the longest block, in words. */
    static final int SHORTEST = 5;

    static final int LONGEST = 25;

    private static final int LONGEST_PREFIX = 12;
    private static final int ONE_MADE_UP_IN = 12;

    public RepeatedWords {
        pool = List.copyOf(pool);
    }

    @Override
    public String title() {
        return "repeated words";
    }

    @Override
    public String document(Dice dice) {
        List<String> words = words(dice, dice.below(LONGEST_PREFIX + 1), dice.between(SHORTEST, LONGEST), false);
        return " " + String.join(" ", words);
    }

    /** Asks for a word somewhere in the second copy of the block; the foil is another word of the block. */
    @Override
    public Probe probe(Dice dice) {
        int period = dice.between(SHORTEST, LONGEST);
        int prefix = dice.below(LONGEST_PREFIX + 1);
        List<String> words = words(dice, prefix, period, true);
        int asked = prefix + period + dice.between(1, period - 1);
        String answer = words.get(asked);
        String foil = dice.pickOther(words.subList(prefix, prefix + period), answer);
        return new Probe(" " + String.join(" ", words.subList(0, asked)), " " + answer, " " + foil);
    }

    @Override
    public Stream<String> words() {
        return pool.stream();
    }

    /** A prefix, the block twice, and as a rule a part of it a third time. */
    private List<String> words(Dice dice, int prefix, int period, boolean heldOut) {
        List<String> chain = chain(dice, prefix, period, heldOut);
        List<String> block = chain.subList(prefix, chain.size());
        List<String> words = new ArrayList<>(chain);
        words.addAll(block);
        words.addAll(block.subList(0, dice.below(period)));
        return words;
    }

    /** The prefix and the first copy of the block; a training block does not close with a held-out pair either. */
    private List<String> chain(Dice dice, int prefix, int period, boolean heldOut) {
        List<String> chain = new ArrayList<>();
        Set<String> used = new HashSet<>();
        int last = prefix + period - 1;
        while (chain.size() <= last) {
            String word = word(dice, heldOut);
            boolean follows = chain.isEmpty() || isHeldOut(chain.get(chain.size() - 1), word) == heldOut;
            boolean closes = heldOut || chain.size() < last || !isHeldOut(word, chain.get(prefix));
            if (follows && closes && used.add(word)) {
                chain.add(word);
            }
        }
        return chain;
    }

    private String word(Dice dice, boolean heldOut) {
        if (heldOut || !dice.oneIn(ONE_MADE_UP_IN)) {
            return dice.pick(pool);
        }
        return switch (dice.below(4)) {
            case 0 -> letters(dice, 'A');
            case 1 -> codePoint(dice);
            default -> letters(dice, 'a');
        };
    }

    private static String letters(Dice dice, char first) {
        StringBuilder letters = new StringBuilder().append((char) (first + dice.below(26)));
        for (int rest = dice.below(3); rest > 0; rest--) {
            letters.append((char) ('a' + dice.below(26)));
        }
        return letters.toString();
    }

    /** Any Unicode character but the space and the surrogates; a script with few characters is as likely as one with many. */
    private static String codePoint(Dice dice) {
        int codePoint = ' ';
        while (codePoint == ' ' || Character.getType(codePoint) == Character.SURROGATE) {
            codePoint = 1 + dice.below(1 << dice.between(7, 17));
        }
        return Character.toString(codePoint);
    }

    /** Whether training never puts this word right after that one in a repeated sequence. */
    static boolean isHeldOut(String word, String next) {
        return HeldOut.contains("repeated", word, next);
    }
}
