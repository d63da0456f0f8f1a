package org.lens4j.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.lens4j.Lens;
import org.lens4j.analysis.Grid;
import org.lens4j.analysis.circuits.NeuronActivations;
import org.lens4j.analysis.circuits.NeuronExamples;
import org.lens4j.model.HookedTransformer;

class NeuronsVerbTest {
    private static final List<String> TEXTS = List.of(
            "When Mary and John went to the store, John gave a drink to Mary",
            "Paris is the capital of France",
            "Mary");

    @TempDir
    private Path folder;

    private static JsonObject json(MainTest.Ended ended) {
        assertThat(ended.code()).as(ended.err()).isZero();
        return JsonParser.parseString(ended.out()).getAsJsonObject();
    }

    private String texts() throws IOException {
        return Files.write(folder.resolve("texts.txt"), TEXTS).toString();
    }

    private static float number(JsonArray values, int row, int column) {
        return values.get(row).getAsJsonArray().get(column).getAsFloat();
    }

    @Test
    void neurons_are_read_on_each_token_of_a_text() {
        JsonArray values = json(MainTest.lens("neurons", "demo", "1.37", "2.4", "--text", TEXTS.get(0), "--json", "-"))
                .getAsJsonArray("values");
        try (HookedTransformer model = Lens.load("demo")) {
            Grid right = NeuronActivations.of(
                    model,
                    model.tokens(TEXTS.get(0)),
                    new NeuronExamples.Neuron(1, 37),
                    new NeuronExamples.Neuron(2, 4));
            for (int pos = 0; pos < right.axes().get(1).size(); pos++) {
                assertThat(number(values, 0, pos)).isEqualTo(right.at(0, pos));
                assertThat(number(values, 1, pos)).isEqualTo(right.at(1, pos));
            }
            MainTest.Ended layer = MainTest.lens("neurons", "demo", "1", "-k", "2", "--text", TEXTS.get(0));
            Grid strongest = NeuronActivations.strongest(model, model.tokens(TEXTS.get(0)), 1, 2);
            assertThat(layer.out()).contains(strongest.axes().get(0).labels());
        }
    }

    @Test
    void the_places_of_a_file_that_move_a_neuron_come_in_every_form() throws IOException {
        String png = folder.resolve("n.png").toString();
        String html = folder.resolve("n.html").toString();
        String csv = folder.resolve("n.csv").toString();
        MainTest.Ended ended = MainTest.lens(
                "neurons",
                "demo",
                "1.37",
                "0.4",
                "--texts",
                texts(),
                "--top",
                "3",
                "--context",
                "2",
                "--png",
                png,
                "--html",
                html,
                "--csv",
                csv,
                "--json",
                "-");
        JsonArray results = json(ended).getAsJsonArray("results");
        try (HookedTransformer model = Lens.load("demo")) {
            List<NeuronExamples> right = NeuronExamples.ofTexts(
                    model, TEXTS, List.of(new NeuronExamples.Neuron(1, 37), new NeuronExamples.Neuron(0, 4)), 3, 2);
            NeuronExamples.Place second = right.get(1).places().get(1);
            List<JsonArray> values = results.asList().stream()
                    .map(it -> it.getAsJsonObject().getAsJsonArray("values"))
                    .toList();
            assertThat(number(values.get(0), 1, 1)).isEqualTo(second.activation());
            assertThat(number(values.get(1), 1, 1)).isEqualTo((float) second.text());
            assertThat(number(values.get(2), 1, 1)).isEqualTo(second.pos());
            assertThat(values.get(3).get(1).getAsJsonArray().get(1).getAsString())
                    .isEqualTo(second.line());
        }
        assertThat(Path.of(csv)).content().startsWith("neuron,place,activation,text,position,context\nL1N37,0,");
        assertThat(Path.of(html)).content().contains("Neuron L1N37");
        assertThat(Path.of(png)).isNotEmptyFile();
        assertThat(MainTest.lens("neurons", "demo", "1.37", "--texts", texts()).out())
                .startsWith("Neuron L1N37, most active of ");
    }

    @Test
    @DisabledOnOs(value = OS.WINDOWS, disabledReason = "a process cannot be asked to end there")
    void a_search_that_is_stopped_by_ctrl_c_writes_the_places_it_found() throws Exception {
        String many = Files.write(folder.resolve("many.txt"), Collections.nCopies(20_000, TEXTS.get(0)))
                .toString();
        Path json = folder.resolve("part.json");
        try (VerbProcess search =
                VerbProcess.start(folder, "neurons", "demo", "1.37", "--texts", many, "--json", json.toString())) {
            search.awaitErr("texts");
            MainTest.Ended ended = search.interrupted();
            assertThat(ended.out())
                    .containsPattern("Stopped after \\d+ of 20000 texts.")
                    .contains(json + ": ");
        }
        JsonObject part = JsonParser.parseString(Files.readString(json)).getAsJsonObject();
        assertThat(part.get("notes").toString()).contains("Stopped after ");
        JsonArray found =
                part.getAsJsonArray("results").get(0).getAsJsonObject().getAsJsonArray("values");
        try (HookedTransformer model = Lens.load("demo")) {
            float first = NeuronExamples.ofTexts(
                            model, List.of(TEXTS.get(0)), List.of(new NeuronExamples.Neuron(1, 37)), 1, 2)
                    .get(0)
                    .places()
                    .get(0)
                    .activation();
            assertThat(number(found, 0, 0)).isCloseTo(first, within(1e-5f));
        }
    }

    @Test
    void mistakes_are_explained() throws IOException {
        assertThat(MainTest.lens("neurons", "demo", "x", "--text", "a").err())
                .contains("\"x\" is no neuron. Write LAYER.NEURON, such as 1.37, or one LAYER.");
        assertThat(MainTest.lens("neurons", "demo", "1", "2.3", "--text", "a").err())
                .contains("takes one layer alone, or neurons of any layer as LAYER.NEURON, not 1 2.3.");
        assertThat(MainTest.lens("neurons", "demo", "1", "--texts", texts()).err())
                .contains("needs to know which neurons to follow: 1.37");
        assertThat(MainTest.lens("neurons", "demo", "1.3").err())
                .contains("--text 'When Mary'", "or --texts FILE for the places of many texts");
        assertThat(MainTest.lens("neurons", "demo", "1.3", "--texts", folder.toString())
                        .err())
                .startsWith("--texts " + folder + " is a folder. Name a file in it");
        assertThat(MainTest.lens("neurons", "demo", "1.3", "--texts", "none.txt")
                        .err())
                .contains("--texts found no file none.txt.");
        assertThat(MainTest.lens("neurons", "demo", "1.3", "--texts", texts(), "--text", "a")
                        .err())
                .contains("Leave one of the two out.");
        assertThat(MainTest.lens("neurons", "demo", "1.3", "--text", "a", "--context", "2")
                        .err())
                .contains("--context is for --texts.");
        assertThat(MainTest.lens("neurons", "demo", "1.3", "--text", "a", "--top", "0")
                        .err())
                .contains("at least 1 place");
        MainTest.Ended outside = MainTest.lens("neurons", "demo", "9.3", "--text", "a");
        assertThat(outside.code()).isEqualTo(Main.WRONG);
        assertThat(outside.err()).contains("no layer 9");
    }
}
