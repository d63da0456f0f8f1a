package org.lens4j.analysis.logits;

import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.lens4j.analysis.Grid;
import org.lens4j.error.UnknownNameException;

/**
 * What a reading through the logit lens can be asked for by a word, on the command line and in magics.
 *
 * <pre>{@code Grid kl = LensNumber.named("kl").of(reading);}</pre>
 */
public enum LensNumber {
    /** The likeliest tokens; as numbers, their probabilities. */
    TOP,
    /** The probability of the likeliest token, or of the first target if there is one. */
    PROBABILITY,
    /** How unsure the next token is. */
    ENTROPY,
    /** How many tokens are likelier than the first target. */
    RANK,
    /** How far from the final distribution. */
    KL,
    /** Surprise at the token that follows. */
    LOSS;

    /** As it is written: {@code probability}. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** All words. */
    public static List<String> words() {
        return Stream.of(values()).map(LensNumber::word).toList();
    }

    /**
     * By its word.
     *
     * @throws UnknownNameException if there is none
     */
    public static LensNumber named(String word) {
        return Stream.of(values())
                .filter(it -> it.word().equals(word))
                .findFirst()
                .orElseThrow(() -> UnknownNameException.of(
                        "--what", word, "the logit lens", words(), "rank and probability follow a --target."));
    }

    /**
     * The numbers of a reading, {@code [component pos]}.
     *
     * @param reading with a target, for {@link #RANK}
     */
    public Grid of(LensReading reading) {
        return switch (this) {
            case TOP -> reading.lens().probability();
            case PROBABILITY ->
                reading.targetProbability().axes().get(0).size() > 0
                        ? reading.targetProbability().slice("target", 0)
                        : reading.lens().probability();
            case ENTROPY -> reading.entropy();
            case RANK -> reading.rank().slice("target", 0);
            case KL -> reading.kl();
            case LOSS -> reading.loss();
        };
    }
}
