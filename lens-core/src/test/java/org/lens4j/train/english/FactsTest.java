package org.lens4j.train.english;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class FactsTest {
    private static final int DRAWS = 40_000;

    private final Facts kind = new Facts();
    private final Map<String, String> trained = new HashMap<>();
    private final Map<String, String> tested = new HashMap<>();

    @BeforeEach
    void draw() {
        Dice dice = new Dice(1);
        for (int i = 0; i < DRAWS; i++) {
            String document = kind.document(dice);
            int answer = document.lastIndexOf(' ');
            trained.put(document.substring(0, answer), document.substring(answer, document.length() - 1));
            Probe probe = kind.probe(dice);
            tested.put(probe.prompt(), probe.answer());
        }
    }

    @Test
    void no_prompt_is_both_trained_and_tested() {
        assertThat(tested).hasSizeGreaterThan(30).containsEntry("The capital of France is", " Paris");
        assertThat(trained.keySet()).doesNotContainAnyElementsOf(tested.keySet());
    }

    @Test
    void each_prompt_has_one_answer() {
        Dice dice = new Dice(2);
        for (int i = 0; i < DRAWS; i++) {
            String document = kind.document(dice);
            int answer = document.lastIndexOf(' ');
            assertThat(trained)
                    .containsEntry(document.substring(0, answer), document.substring(answer, document.length() - 1));
        }
    }

    @Test
    void every_tested_fact_is_trained_in_at_least_three_other_phrasings() {
        tested.forEach((prompt, answer) -> {
            Set<String> phrasings = new HashSet<>();
            trained.forEach((other, trainedAnswer) -> {
                if (trainedAnswer.equals(answer) && subject(other).equals(subject(prompt))) {
                    phrasings.add(other);
                }
            });
            assertThat(phrasings).as(prompt + answer).hasSizeGreaterThanOrEqualTo(3);
        });
    }

    /** What a prompt asks about: the only one of its words that some other prompt of the same form does not have. */
    private static String subject(String prompt) {
        return Template.words(prompt)
                .filter(word -> SUBJECTS.contains(word))
                .findFirst()
                .orElse("");
    }

    private static final Set<String> SUBJECTS = Set.of(
            ("France Italy Spain Germany England Portugal Greece Egypt Japan China Russia Norway Poland Sweden Finland"
                            + " Denmark Paris Rome Madrid Berlin London Lisbon Athens Cairo Tokyo Beijing Moscow Oslo"
                            + " Warsaw Stockholm Helsinki Copenhagen French Italian Spanish German English Portuguese Greek Arabic Japanese Chinese"
                            + " Russian Norwegian Polish Swedish Finnish Danish sky sea snow milk grass leaf coal night blood tomato"
                            + " sun lemon orange carrot hot cold big small old young good bad long short open closed"
                            + " strong weak")
                    .split(" "));
}
