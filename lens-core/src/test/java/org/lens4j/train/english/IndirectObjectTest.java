package org.lens4j.train.english;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class IndirectObjectTest {
    private static final int DOCUMENTS = 20_000;

    private final IndirectObject kind = new IndirectObject();

    @Test
    void mary_and_john_never_meet_in_training() {
        Dice dice = new Dice(1);
        for (int i = 0; i < DOCUMENTS; i++) {
            assertThat(names(kind.document(dice)).containsAll(List.of("Mary", "John")))
                    .isFalse();
        }
    }

    @Test
    void training_knows_the_form_of_the_first_prompt_of_the_course() {
        Dice dice = new Dice(1);
        assertThat(Stream.generate(() -> kind.document(dice)).limit(DOCUMENTS))
                .anyMatch(document ->
                        document.matches("When \\w+ and \\w+ went to the \\w+, \\w+ gave a \\w+ to \\w+\\..*"));
    }

    @Test
    void training_and_test_share_no_pair_of_names() {
        Set<Set<String>> trained = new HashSet<>();
        Set<Set<String>> tested = new HashSet<>();
        Dice dice = new Dice(2);
        for (int i = 0; i < DOCUMENTS; i++) {
            trained.addAll(pairs(kind.document(dice)));
            tested.addAll(pairs(kind.probe(dice).prompt()));
        }
        assertThat(tested).contains(Set.of("Mary", "John")).matches(pairs -> Collections.disjoint(pairs, trained));
        assertThat(trained.size() + tested.size()).isEqualTo(40 * 39 / 2);
        assertThat(tested).hasSizeBetween(50, 110);
    }

    @Test
    void the_receiver_is_the_one_of_the_two_who_does_not_give() {
        Dice dice = new Dice(3);
        for (int i = 0; i < 2000; i++) {
            Probe probe = kind.probe(dice);
            List<String> names = names(probe.prompt());
            assertThat(names).as(probe.prompt()).hasSize(3);
            assertThat(names.get(2)).isEqualTo(probe.foil().strip()).isIn(names.get(0), names.get(1));
            assertThat(probe.answer().strip()).isIn(names.get(0), names.get(1)).isNotEqualTo(names.get(2));
        }
    }

    @Test
    void first_and_second_name_receive_equally_often() {
        Dice dice = new Dice(4);
        int first = 0;
        for (int i = 0; i < 4000; i++) {
            Probe probe = kind.probe(dice);
            first += names(probe.prompt()).get(0).equals(probe.answer().strip()) ? 1 : 0;
        }
        assertThat(first).isBetween(1850, 2150);
    }

    @Test
    void training_sometimes_lets_a_third_person_give() {
        Dice dice = new Dice(5);
        Map<Integer, Integer> people = new HashMap<>();
        for (int i = 0; i < 4000; i++) {
            people.merge(new HashSet<>(names(kind.document(dice))).size(), 1, Integer::sum);
        }
        assertThat(people.keySet()).containsExactlyInAnyOrder(2, 3);
        assertThat(people.get(3)).isBetween(350, 650);
    }

    private static List<String> names(String text) {
        return Template.words(text).filter(Lexicon.NAMES::contains).toList();
    }

    private static Set<Set<String>> pairs(String text) {
        List<String> names = new ArrayList<>(new HashSet<>(names(text)));
        Set<Set<String>> pairs = new HashSet<>();
        for (int i = 0; i < names.size(); i++) {
            for (int j = 0; j < i; j++) {
                pairs.add(Set.of(names.get(i), names.get(j)));
            }
        }
        return pairs;
    }
}
