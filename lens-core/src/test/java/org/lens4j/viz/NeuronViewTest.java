package org.lens4j.viz;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.lens4j.analysis.Axis;
import org.lens4j.analysis.Grid;
import org.lens4j.analysis.circuits.NeuronExamples;
import org.lens4j.analysis.circuits.NeuronExamples.Neuron;
import org.lens4j.analysis.circuits.NeuronExamples.OnToken;
import org.lens4j.analysis.circuits.NeuronExamples.Place;
import org.lens4j.analysis.circuits.SingularDirections;
import org.lens4j.analysis.circuits.SingularDirections.Direction;
import org.lens4j.analysis.circuits.SingularDirections.TokenScore;
import org.lens4j.error.UsageException;
import org.w3c.dom.Element;

/** Texts of neurons and tokens of directions, which are coloured alike. */
class NeuronViewTest {
    private static NeuronExamples examples(int places, String... tokens) {
        List<Float> activations = new java.util.ArrayList<>(Collections.nCopies(tokens.length, 0f));
        activations.set(1, 3.5f);
        return new NeuronExamples(
                new Neuron(2, 17),
                IntStream.range(0, places)
                        .mapToObj(i -> new Place(3.5f, 4 + i, 9, List.of(tokens), activations, 1))
                        .toList(),
                List.of(new OnToken(5, tokens[1], 3.5f, 2, 3), new OnToken(6, tokens[0], -0.1f, -0.2f, 1)),
                1234);
    }

    @Test
    void the_most_active_token_stands_out_and_each_says_where_it_stood() {
        Rendering shown = NeuronView.of(examples(1, "The", " cat", " sat"));
        Samples.standsAlone(shown);
        Element cat = (Element) Samples.live(shown).getElementsByTagName("span").item(2);
        assertThat(cat.getAttribute("class")).isEqualTo("lens4j-peak");
        assertThat(cat.getAttribute("style")).isEqualTo("background:#053061;color:#ffffff");
        assertThat(cat.getAttribute("data-tip")).isEqualTo("·cat : 3.5\ntext 4, position 9");
        assertThat(shown.text()).isEqualTo("Neuron L2N17, most active of 1234 positions:\n3.5  The[·cat]·sat");
        assertThat(shown.html().orElseThrow())
                .contains("Tokens it is most active on: ·cat 3.5", "The number of a line is that of its strongest.")
                .doesNotContain("-0.1");
    }

    @Test
    void places_whose_surroundings_touch_share_a_line_with_each_token_once() {
        List<Place> places = List.of(
                new Place(5, 0, 6, List.of("e", "f", "G", "h"), List.of(0f, 1f, 5f, 0f), 2),
                new Place(4, 1, 6, List.of("e", "f", "G", "h"), List.of(0f, 1f, 4f, 0f), 2),
                new Place(3, 0, 2, List.of("a", "b", "C"), List.of(0f, 1f, 3f), 2),
                new Place(2, 0, 3, List.of("b", "C", "D", "e", "f"), List.of(1f, 3f, 2f, 0f, 1f), 2));
        List<Passage> passages = Passage.around(places);
        assertThat(passages).hasSize(2);
        assertThat(passages.get(0).tokens()).containsExactly("a", "b", "C", "D", "e", "f", "G", "h");
        assertThat(passages.get(0).activations()).containsExactly(0f, 1f, 3f, 2f, 0f, 1f, 5f, 0f);
        assertThat(passages.get(0).peaks()).containsExactly(6, 2, 3);
        assertThat(passages.get(0).activation()).isEqualTo(5);
        assertThat(passages.get(1).text()).isEqualTo(1);
        Rendering shown = NeuronView.of(new NeuronExamples(new Neuron(0, 1), places, List.of(), 20));
        assertThat(shown.html().orElseThrow()).doesNotContain("Shown: the first");
        assertThat(Samples.live(shown).getElementsByTagName("b").getLength()).isEqualTo(3);
    }

    @Test
    void many_places_are_cut_with_a_note() {
        String[] words = Collections.nCopies(40, " word").toArray(String[]::new);
        Rendering shown = NeuronView.of(Collections.nCopies(4, examples(30, words)));
        Samples.standsAlone(shown);
        assertThat(shown.html().orElseThrow()).contains("Shown: the first 7 of 30 places.");
    }

    @Test
    void no_neuron_is_not_a_picture() {
        assertThatThrownBy(() -> NeuronView.of(List.of()))
                .isInstanceOf(UsageException.class)
                .hasMessage("No neuron's texts were given. Look for at least one: NeuronExamples.ofTexts(..).");
    }

    @Test
    void a_direction_is_the_tokens_it_raises_and_those_it_lowers() {
        Direction one =
                new Direction(2.5f, List.of(new TokenScore(7, " Paris", 2)), List.of(new TokenScore(8, "<b>", -1)));
        Grid scores = new Grid(
                "Singular directions of OV of L1H0",
                "logit",
                List.of(Axis.counted("direction", 1), new Axis("token", List.of("+1", "-1"))),
                new float[] {2, -1});
        Rendering shown = DirectionsView.of(new SingularDirections(scores, scores, List.of(one)));
        Samples.standsAlone(shown);
        Element raised =
                (Element) Samples.live(shown).getElementsByTagName("span").item(1);
        assertThat(raised.getTextContent()).isEqualTo("·Paris");
        assertThat(raised.getAttribute("data-tip")).isEqualTo("·Paris : 2\ntoken id 7");
        assertThat(shown.text()).isEqualTo("""
                        Singular directions of OV of L1H0
                           singular value  raised | lowered
                        0             2.5  ·Paris | <b>""");
    }
}
