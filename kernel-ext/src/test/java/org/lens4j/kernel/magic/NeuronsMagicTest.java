package org.lens4j.kernel.magic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.lens4j.analysis.Grid;
import org.lens4j.analysis.circuits.NeuronActivations;
import org.lens4j.analysis.circuits.NeuronExamples;
import org.lens4j.analysis.circuits.NeuronExamples.Neuron;
import org.lens4j.cache.ActivationCache;
import org.lens4j.error.Explained;
import org.lens4j.kernel.display.MimeBundle;
import org.lens4j.kernel.host.LiveNotebook;
import org.lens4j.tensor.Slice;

class NeuronsMagicTest {
    private static final DemoMagics MAGICS = new DemoMagics();
    private static final List<String> TEXTS = List.of(
            "When Mary and John went to the store, John gave a drink to Mary.",
            "Paris is the capital of France.",
            "The cat sat on the mat, and the dog sat on the cat.");
    private static final List<Neuron> NEURONS = List.of(new Neuron(2, 3), new Neuron(1, 37));

    @TempDir
    private Path folder;

    @BeforeEach
    void begin() {
        MAGICS.host().stopAfter(Integer.MAX_VALUE);
        MAGICS.host().set("texts", TEXTS);
    }

    @AfterAll
    static void close() {
        MAGICS.close();
    }

    private static List<NeuronExamples> found(List<String> texts, int places, int context) {
        return NeuronExamples.ofTexts(MAGICS.lens().model(), texts, NEURONS, places, context);
    }

    @Test
    void chosen_neurons_are_rows_of_the_cached_activations_in_the_order_asked_for() throws Exception {
        Grid grid = MAGICS.value("%neurons 2.3 1.37", Grid.class);
        assertThat(grid.axis("neuron").labels()).containsExactly("L2N3", "L1N37");
        try (ActivationCache cache = MAGICS.lens().model().cache(MAGICS.lens().tokens(), "blocks.*.mlp.hook_post")) {
            for (int i = 0; i < NEURONS.size(); i++) {
                Neuron one = NEURONS.get(i);
                assertThat(grid.slice("neuron", i).values())
                        .containsExactly(cache.get(
                                        "blocks.%d.mlp.hook_post".formatted(one.layer()),
                                        Map.of("d_mlp", Slice.at(one.neuron())))
                                .toFloatArray());
            }
        }
    }

    @Test
    void of_a_layer_the_most_active_are_shown() throws Exception {
        assertThat(MAGICS.value("%neurons 1", Grid.class))
                .usingRecursiveComparison()
                .isEqualTo(NeuronActivations.strongest(
                        MAGICS.lens().model(), MAGICS.lens().tokens(), 1, 5));
        assertThat(MAGICS.value("%neurons 0 -k 2 -p \"The cat sat\"", Grid.class))
                .usingRecursiveComparison()
                .isEqualTo(NeuronActivations.strongest(
                        MAGICS.lens().model(), MAGICS.lens().tokens("The cat sat"), 0, 2));
    }

    @Test
    void texts_of_a_file_and_of_a_variable_give_the_same_places() throws Exception {
        assertThat(MAGICS.value("%neurons 2.3 1.37 --texts $texts -k 2 --context 3", Object.class))
                .isEqualTo(found(TEXTS, 2, 3));
        Path file = Files.write(folder.resolve("some texts.txt"), TEXTS);
        assertThat(MAGICS.value("%neurons 2.3 1.37 --texts \"" + file + "\"", Object.class))
                .isEqualTo(found(TEXTS, 5, 8));
    }

    @Test
    void stopped_it_shows_the_texts_it_has_read() throws Exception {
        MAGICS.host().stopAfter(2);
        assertThat(MAGICS.shown("%neurons 2.3 1.37 --texts $texts -o part").plain())
                .contains("Neuron L2N3, most active of ", "Stopped after 2 of 3 texts.");
        assertThat(MAGICS.host().variable("part")).contains(found(TEXTS.subList(0, 2), 5, 8));
        MAGICS.host().stopAfter(0);
        assertThat(MAGICS.shown("%neurons 1.37 --texts $texts").plain())
                .contains("Neuron L1N37, most active of 0 positions", "Stopped after 0 of 3 texts.");
    }

    @ParameterizedTest
    @ValueSource(strings = {"%neurons 1", "%neurons 1.37", "%neurons 1.37 2.4 --texts $texts"})
    void it_is_a_picture_a_page_and_a_text(String line) throws Exception {
        assertThat(MAGICS.shown(line).data()).containsKeys(MimeBundle.PNG, MimeBundle.HTML, MimeBundle.TEXT);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "%neurons | needs a layer, or neurons: %neurons 1, or %neurons 1.37 1.40.",
                "%neurons 9 | demo has no layer 9",
                "%neurons 9.1 | demo has no layer 9",
                "%neurons 1.999 | demo has no neuron 999",
                "%neurons -1 | demo has no layer -1",
                "%neurons one | The layer of %neurons must be a whole number, not \"one\"",
                "%neurons 1.x | What stands behind the dot of %neurons must be a whole number, not \"x\"",
                "%neurons 1.2.3 | %neurons takes LAYER or LAYER.NEURON, not \"1.2.3\"",
                "%neurons 1 2 | takes one layer alone, or neurons of any layer as LAYER.NEURON, not [1, 2]",
                "%neurons 1.2 2 | takes one layer alone, or neurons of any layer as LAYER.NEURON, not [1.2, 2]",
                "%neurons 1 -k 0 | 0 neurons",
                "%neurons 1.2 -k 3 | -k is for a layer or for --texts; chosen neurons are all shown. Leave it out.",
                "%neurons 1 --texts x | needs to know which neurons to follow: %neurons 1.37 --texts corpus.txt.",
                "%neurons 1.2 --texts nowhere.txt | %neurons found no file \"nowhere.txt\"",
                "%neurons 1.2 --texts $none | Unknown variable \"$none\"",
                "%neurons 1.2 --texts $empty | %neurons found no texts in",
                "%neurons 1.2 --texts $texts -k 0 | Ask for at least one place",
                "%neurons 1.2 --texts $texts --context -1 | 0 tokens or more",
                "%neurons 1.999 --texts $texts | demo has no neuron 999",
                "%neurons 1.2 --context 3 | --context is for --texts. Leave it out.",
                "%neurons 1.2 --texts x -p y | Leave one of the two out."
            })
    void a_mistake_is_explained(String line, String reason) {
        MAGICS.host().set("empty", List.of());
        assertThatThrownBy(() -> MAGICS.run(line))
                .isInstanceOf(Explained.class)
                .message()
                .contains(reason);
    }

    @Test
    void the_java_call_gives_the_same_numbers() throws Exception {
        try (LiveNotebook notebook = MagicJavaTest.notebook()) {
            notebook.run("%load demo\n%prompt " + DemoMagics.PROMPT);
            notebook.run("var texts = List.of(\"Mary and John\", \"Paris is in France\"); int one = 1;");
            for (String line : List.of(
                    "%neurons $one -k 3",
                    "%neurons 1.37 2.$one -p \"Paris is in\"",
                    "%neurons $one.37 2.4 --texts $texts -k 2 --context 3")) {
                notebook.run(line + " -o byMagic");
                notebook.run(
                        notebook.run(line + " --java -o byJava").orElseThrow().plain());
                assertThat(notebook.variable("byJava").orElseThrow())
                        .as(line)
                        .usingRecursiveComparison()
                        .isEqualTo(notebook.variable("byMagic").orElseThrow());
            }
        }
    }
}
