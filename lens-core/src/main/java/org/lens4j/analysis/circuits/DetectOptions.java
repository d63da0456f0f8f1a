package org.lens4j.analysis.circuits;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;
import org.lens4j.error.UnknownNameException;

/**
 * How heads are compared with a pattern.
 *
 * @param measure what a score is
 * @param excludeBos whether attention to the first token counts nothing. TransformerLens: {@code exclude_bos}
 * @param excludeCurrentToken whether attention of a token to itself counts nothing
 * @param heads those that are asked for; empty for all
 */
public record DetectOptions(Measure measure, boolean excludeBos, boolean excludeCurrentToken, Set<Head> heads) {
    /** What a score is. */
    public enum Measure {
        /** The part of all attention that goes where the pattern says. TransformerLens: {@code error_measure="mul"}. */
        MUL,
        /**
         * 1 less the difference between attention and pattern, summed over keys and averaged over queries, to three digits.
         * TransformerLens: {@code error_measure="abs"}.
         */
        ABS,
        /**
         * The attention a query pays where the pattern says, averaged over the queries for which it says anything: the
         * prefix-matching score of the literature (Olsson et al., 2022), with induction.
         */
        ATTENTION;

        /** As it is written on the command line and in magics: {@code attention}. */
        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }

        /** All words. */
        public static List<String> words() {
            return Stream.of(values()).map(Measure::word).toList();
        }

        /**
         * By its word.
         *
         * @throws UnknownNameException if there is none
         */
        public static Measure named(String word) {
            return Stream.of(values())
                    .filter(it -> it.word().equals(word))
                    .findFirst()
                    .orElseThrow(() -> UnknownNameException.of(
                            "measure",
                            word,
                            "the head detector",
                            words(),
                            "There are " + String.join(", ", words()) + "."));
        }
    }

    /** A head of a layer, both from 0. */
    public record Head(int layer, int head) {}

    /** Copies the heads. */
    public DetectOptions {
        heads = Set.copyOf(heads);
    }

    /** The part of all attention, of all heads. */
    public static DetectOptions defaults() {
        return new DetectOptions(Measure.MUL, false, false, Set.of());
    }

    /** These with another measure. */
    public DetectOptions with(Measure other) {
        return new DetectOptions(other, excludeBos, excludeCurrentToken, heads);
    }

    /** These without attention to the first token. */
    public DetectOptions withoutBos() {
        return new DetectOptions(measure, true, excludeCurrentToken, heads);
    }

    /** These without attention of a token to itself. */
    public DetectOptions withoutCurrentToken() {
        return new DetectOptions(measure, excludeBos, true, heads);
    }

    /** These for some heads. */
    public DetectOptions withHeads(Head... some) {
        List<Head> chosen = Arrays.asList(some);
        return new DetectOptions(measure, excludeBos, excludeCurrentToken, Set.copyOf(chosen));
    }
}
