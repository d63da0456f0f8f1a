package org.lens4j.train.english;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RepeatedWordsTest {
    private static final int DOCUMENTS = 5000;

    private final RepeatedWords kind = SyntheticEnglish.standard().probedKinds().stream()
            .filter(RepeatedWords.class::isInstance)
            .map(RepeatedWords.class::cast)
            .findFirst()
            .orElseThrow();

    private final List<List<String>> documents = new ArrayList<>();

    @BeforeEach
    void write() {
        Dice dice = new Dice(1);
        for (int i = 0; i < DOCUMENTS; i++) {
            documents.add(split(kind.document(dice)));
        }
    }

    @Test
    void from_the_first_repeated_word_on_the_text_is_periodic() {
        for (List<String> words : documents) {
            int start = firstRepeat(words);
            int period = start - words.indexOf(words.get(start));
            assertThat(words.size() - start).isBetween(period, 2 * period - 1);
            for (int i = start; i < words.size(); i++) {
                assertThat(words.get(i)).isEqualTo(words.get(i - period));
            }
        }
    }

    @Test
    void every_period_and_every_offset_occurs() {
        Set<Integer> periods = new HashSet<>();
        Set<Integer> offsets = new HashSet<>();
        for (List<String> words : documents) {
            int start = firstRepeat(words);
            int offset = words.indexOf(words.get(start));
            periods.add(start - offset);
            offsets.add(offset);
        }
        assertThat(periods).hasSize(21).contains(5, 25);
        assertThat(offsets).hasSize(13).contains(0, 12);
    }

    @Test
    void training_has_no_held_out_neighbours_and_a_probe_asks_for_nothing_else() {
        Set<List<String>> trained = new HashSet<>();
        for (List<String> words : documents) {
            for (int i = 1; i < words.size(); i++) {
                trained.add(words.subList(i - 1, i + 1));
            }
        }
        Dice dice = new Dice(2);
        for (int i = 0; i < 2000; i++) {
            Probe probe = kind.probe(dice);
            List<String> words = split(probe.prompt());
            List<String> asked =
                    List.of(words.get(words.size() - 1), probe.answer().strip());
            assertThat(trained.contains(asked)).as(asked.toString()).isFalse();
        }
    }

    @Test
    void the_answer_followed_the_last_word_before() {
        Dice dice = new Dice(3);
        for (int i = 0; i < 2000; i++) {
            Probe probe = kind.probe(dice);
            List<String> words = split(probe.prompt());
            int last = words.size() - 1;
            int before = words.subList(0, last).lastIndexOf(words.get(last));
            assertThat(words.get(before + 1)).isEqualTo(probe.answer().strip());
            assertThat(words).contains(probe.foil().strip());
        }
    }

    @Test
    void some_words_are_made_up_and_any_script_may_occur() {
        Set<String> pool = Set.copyOf(kind.pool());
        List<String> madeUp = documents.stream()
                .flatMap(List::stream)
                .filter(word -> !pool.contains(word))
                .toList();
        long words = documents.stream().mapToLong(List::size).sum();
        assertThat(madeUp.size() / (double) words).isBetween(0.05, 0.12);
        assertThat(madeUp).anyMatch(word -> word.codePointAt(0) > 0xFFFF);
        assertThat(madeUp).anyMatch(word -> word.codePointAt(0) < ' ');
    }

    private static int firstRepeat(List<String> words) {
        Set<String> seen = new HashSet<>();
        int position = 0;
        while (seen.add(words.get(position))) {
            position++;
        }
        return position;
    }

    /** The words of a sequence, each written after one space; a made-up word is never a space. */
    private static List<String> split(String text) {
        return List.of(text.substring(1).split(" ", -1));
    }
}
