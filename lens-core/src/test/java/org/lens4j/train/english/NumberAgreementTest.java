package org.lens4j.train.english;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class NumberAgreementTest {
    private static final int DRAWS = 20_000;
    private static final Set<String> PLURAL_VERBS = Set.of("are", "were", "sleep", "run", "wait", "play");
    private static final Set<String> SINGULAR_VERBS = Set.of("is", "was", "sleeps", "runs", "waits", "plays");

    private final NumberAgreement kind = new NumberAgreement();

    @Test
    void the_verb_agrees_with_the_subject() {
        Dice dice = new Dice(1);
        for (int i = 0; i < DRAWS; i++) {
            String document = kind.document(dice);
            List<String> words = Template.words(document).toList();
            String verb = words.stream()
                    .filter(word -> PLURAL_VERBS.contains(word) || SINGULAR_VERBS.contains(word))
                    .findFirst()
                    .orElseThrow();
            assertThat(PLURAL_VERBS.contains(verb)).as(document).isEqualTo(isPlural(subject(words)));
        }
    }

    @Test
    void a_probes_neighbour_has_the_other_number() {
        Dice dice = new Dice(2);
        for (int i = 0; i < DRAWS; i++) {
            Probe probe = kind.probe(dice);
            List<String> words = Template.words(probe.prompt()).toList();
            boolean plural = isPlural(subject(words));
            assertThat(isPlural(words.get(words.size() - 1))).as(probe.prompt()).isEqualTo(!plural);
            assertThat(PLURAL_VERBS.contains(probe.answer().strip())).isEqualTo(plural);
            assertThat(PLURAL_VERBS.contains(probe.foil().strip())).isEqualTo(!plural);
        }
    }

    @Test
    void only_yesterday_and_last_week_are_in_the_past() {
        Dice dice = new Dice(3);
        for (int i = 0; i < DRAWS; i++) {
            Probe probe = kind.probe(dice);
            boolean past =
                    probe.prompt().startsWith("Yesterday") || probe.prompt().startsWith("Last week");
            assertThat(Set.of(" was", " were").contains(probe.answer())).isEqualTo(past);
        }
    }

    @Test
    void training_and_test_share_no_pair_of_subject_and_neighbour() {
        Dice dice = new Dice(4);
        Set<List<String>> trained = new HashSet<>();
        Set<List<String>> tested = new HashSet<>();
        for (int i = 0; i < 2 * DRAWS; i++) {
            List<String> words = Template.words(kind.document(dice)).toList();
            int neighbour = words.subList(3, words.size()).indexOf("the") + 4;
            if (neighbour > 3) {
                trained.add(List.of(singular(subject(words)), singular(words.get(neighbour))));
            }
            List<String> prompt = Template.words(kind.probe(dice).prompt()).toList();
            tested.add(List.of(singular(subject(prompt)), singular(prompt.get(prompt.size() - 1))));
        }
        assertThat(tested).hasSizeBetween(30, 80).matches(pairs -> Collections.disjoint(pairs, trained));
        assertThat(trained).hasSizeGreaterThan(400);
    }

    /** The word after the first "the". */
    private static String subject(List<String> words) {
        int article = words.indexOf("the");
        return words.get(words.get(0).equals("The") ? 1 : article + 1);
    }

    private static boolean isPlural(String noun) {
        return noun.endsWith("s") || Set.of("men", "women", "children").contains(noun);
    }

    private static String singular(String noun) {
        return switch (noun) {
            case "men" -> "man";
            case "women" -> "woman";
            case "children" -> "child";
            default -> noun.endsWith("s") ? noun.substring(0, noun.length() - 1) : noun;
        };
    }
}
