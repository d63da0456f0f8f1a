package org.lens4j.train.english;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.lens4j.train.Vocabulary;

class SyntheticEnglishTest {
    private static final SyntheticEnglish ENGLISH = SyntheticEnglish.standard();
    private static final Vocabulary VOCABULARY = Vocabulary.of(ENGLISH.pieces());
    private static final int DOCUMENTS = 20_000;

    static List<ProbedKind> kinds() {
        return ENGLISH.probedKinds();
    }

    static Stream<SentenceKind> prose() {
        return Stream.concat(kinds().stream(), Stream.of(new PlainSentences()))
                .filter(kind -> !(kind instanceof RepeatedWords));
    }

    @Test
    void the_same_seed_writes_the_same_text() {
        assertThat(training(7, 500)).isEqualTo(training(7, 500)).isNotEqualTo(training(8, 500));
    }

    /** If the language was changed on purpose, train the embedded model again, then put the new number here. */
    @Test
    void the_text_the_embedded_model_was_trained_on_is_the_same_on_every_java() {
        assertThat(String.join("\n", training(1, 2000)).hashCode()).isEqualTo(1_240_431_308);
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void the_same_seed_asks_the_same_questions(ProbedKind kind) {
        assertThat(ENGLISH.heldOut(kind, 40, 7))
                .isEqualTo(ENGLISH.heldOut(kind, 40, 7))
                .isNotEqualTo(ENGLISH.heldOut(kind, 40, 8));
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void no_question_with_its_answer_occurs_in_training(ProbedKind kind) {
        Set<String> asked = ENGLISH.heldOut(kind, 2000, 1).stream()
                .map(probe -> probe.prompt() + probe.answer())
                .collect(Collectors.toSet());
        Dice dice = new Dice(2);
        for (int i = 0; i < DOCUMENTS; i++) {
            String document = kind.document(dice);
            assertThat(Collections.disjoint(prefixes(document), asked))
                    .as(document)
                    .isTrue();
        }
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void every_answer_and_every_foil_is_one_token_and_they_differ(ProbedKind kind) {
        for (Probe probe : ENGLISH.heldOut(kind, 500, 3)) {
            assertThat(VOCABULARY.id(probe.answer())).as(probe.toString()).isPresent();
            assertThat(VOCABULARY.id(probe.foil())).as(probe.toString()).isPresent();
            int[] prompt = VOCABULARY.encode(probe.prompt());
            int[] whole = VOCABULARY.encode(probe.prompt() + probe.answer());
            assertThat(whole).startsWith(prompt).hasSize(prompt.length + 1);
        }
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void every_question_is_a_different_one(ProbedKind kind) {
        List<Probe> probes = ENGLISH.heldOut(kind, 50, 4);
        assertThat(probes).hasSize(50).extracting(Probe::prompt).doesNotHaveDuplicates();
    }

    @ParameterizedTest
    @MethodSource("prose")
    void prose_is_written_in_whole_words_of_the_vocabulary(SentenceKind kind) {
        Dice dice = new Dice(5);
        for (int i = 0; i < 2000; i++) {
            String document = kind.document(dice);
            assertThat(document).matches("[A-Z][A-Za-z,. ]*\\.").doesNotContain("  ", " .", " ,");
            String[] wordsAndStops = document.split(" |(?=[.,])");
            assertThat(VOCABULARY.encode(document)).as(document).hasSameSizeAs(wordsAndStops);
        }
    }

    @Test
    void every_kind_occurs_in_proportion_to_its_weight() {
        SyntheticEnglish mixture = SyntheticEnglish.mixture(List.of(
                new SyntheticEnglish.Share(new Facts(), 3),
                new SyntheticEnglish.Share(new RepeatedWords(List.of("a", "b", "c", "d", "e", "f")), 1)));
        long facts = mixture.training(1)
                .limit(4000)
                .filter(document -> document.endsWith("."))
                .count();
        assertThat(facts).isBetween(2850L, 3150L);
    }

    @Test
    void all_words_are_used() {
        Set<Integer> used = new HashSet<>();
        ENGLISH.training(6).limit(60_000).forEach(document -> {
            for (int id : VOCABULARY.encode(document)) {
                used.add(id);
            }
        });
        assertThat(ENGLISH.pieces().stream()
                        .filter(piece -> !used.contains(VOCABULARY.id(piece).orElseThrow())))
                .isEmpty();
    }

    @Test
    void a_mixture_without_weight_is_refused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SyntheticEnglish.mixture(List.of(new SyntheticEnglish.Share(new Facts(), 0))))
                .withMessage("A mixture needs at least one kind, each with a positive weight."
                        + " Found: [Share[kind=Facts[], weight=0]].");
        assertThatIllegalArgumentException().isThrownBy(() -> SyntheticEnglish.mixture(List.of()));
    }

    private static List<String> training(long seed, int count) {
        return ENGLISH.training(seed).limit(count).toList();
    }

    /** The document up to the end of each of its words. */
    private static Set<String> prefixes(String document) {
        Set<String> prefixes = new HashSet<>();
        for (int end = 1; end <= document.length(); end++) {
            if (end == document.length() || !Character.isLetter(document.charAt(end))) {
                prefixes.add(document.substring(0, end));
            }
        }
        return prefixes;
    }
}
