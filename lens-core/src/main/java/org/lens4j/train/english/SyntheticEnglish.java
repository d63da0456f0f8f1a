package org.lens4j.train.english;

import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/** A small English of a few hundred words, generated from a seed: what the embedded model is trained on.
 *
 * <p>Four kinds of sentence have a right answer, and part of their combinations never occurs in training:
 * {@link IndirectObject}, {@link RepeatedWords}, {@link Facts}, {@link NumberAgreement}. {@link PlainSentences} fill the
 * rest.
 *
 * <pre>{@code
 * var english = SyntheticEnglish.standard();
 * english.training(1).limit(3).forEach(System.out::println);
 * english.heldOut(new IndirectObject(), 100, 1);
 * }</pre> */
public final class SyntheticEnglish {
    /** How often a kind of sentence is drawn: its weight, relative to the sum of all. */
    public record Share(SentenceKind kind, int weight) {}

    private static final int ONE_SCENE_IN = 5;
    private static final int DRAWS_PER_PROBE = 50;

    private final List<Share> shares;
    private final int totalWeight;
    private final PlainSentences plain = new PlainSentences();

    private SyntheticEnglish(List<Share> shares) {
        this.shares = List.copyOf(shares);
        this.totalWeight = shares.stream().mapToInt(Share::weight).sum();
    }

    /** The mixture the embedded model is trained on. */
    public static SyntheticEnglish standard() {
        List<SentenceKind> prose =
                List.of(new IndirectObject(), new Facts(), new NumberAgreement(), new PlainSentences());
        List<String> pool =
                prose.stream().flatMap(SentenceKind::words).distinct().toList();
        return mixture(List.of(
                new Share(new IndirectObject(), 35),
                new Share(new RepeatedWords(pool), 20),
                new Share(new Facts(), 20),
                new Share(new NumberAgreement(), 15),
                new Share(new PlainSentences(), 10)));
    }

    /** A mixture of one's own.
     *
     * @param shares at least one; the weights are positive */
    public static SyntheticEnglish mixture(List<Share> shares) {
        if (shares.isEmpty() || shares.stream().anyMatch(share -> share.weight() <= 0)) {
            throw new IllegalArgumentException(
                    "A mixture needs at least one kind, each with a positive weight. Found: " + shares + ".");
        }
        return new SyntheticEnglish(shares);
    }

    /** The kinds of sentence in this mixture that have held-out questions. */
    public List<ProbedKind> probedKinds() {
        return shares.stream()
                .map(Share::kind)
                .filter(ProbedKind.class::isInstance)
                .map(ProbedKind.class::cast)
                .toList();
    }

    /** Endless training documents, the same for the same seed. */
    public Stream<String> training(long seed) {
        Dice dice = new Dice(seed);
        return Stream.generate(() -> document(dice));
    }

    /** Questions whose combinations no training document contains, each prompt once.
     *
     * @return {@code count} of them, fewer where the kind has fewer (the facts are finite) */
    public List<Probe> heldOut(ProbedKind kind, int count, long seed) {
        Dice dice = new Dice(seed);
        Map<String, Probe> byPrompt = new LinkedHashMap<>();
        for (int draw = 0; draw < count * DRAWS_PER_PROBE && byPrompt.size() < count; draw++) {
            Probe probe = kind.probe(dice);
            byPrompt.putIfAbsent(probe.prompt(), probe);
        }
        return List.copyOf(byPrompt.values());
    }

    /** Every word of this English as it appears in running text: with its leading space, and a capitalised one, which
     * may begin a document, also without. */
    public List<String> pieces() {
        Set<String> pieces = new LinkedHashSet<>();
        shares.stream().map(Share::kind).flatMap(SentenceKind::words).forEach(word -> {
            pieces.add(" " + word);
            if (Character.isUpperCase(word.charAt(0)) && word.length() > 1) {
                pieces.add(word);
            }
        });
        return List.copyOf(pieces);
    }

    private String document(Dice dice) {
        String document = kind(dice).document(dice);
        if (!dice.oneIn(ONE_SCENE_IN)) {
            return document;
        }
        return plain.scene(dice) + (document.startsWith(" ") ? "" : " ") + document;
    }

    private SentenceKind kind(Dice dice) {
        int thrown = dice.below(totalWeight);
        for (Share share : shares) {
            thrown -= share.weight();
            if (thrown < 0) {
                return share.kind();
            }
        }
        throw new IllegalStateException("The weights of " + shares + " do not add up to " + totalWeight + ".");
    }
}
