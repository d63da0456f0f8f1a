package org.lens4j.kernel.magic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.lens4j.analysis.Axis;
import org.lens4j.analysis.Grid;
import org.lens4j.analysis.logits.LensOptions;
import org.lens4j.analysis.logits.LensReading;
import org.lens4j.error.Explained;
import org.lens4j.kernel.display.MimeBundle;
import org.lens4j.kernel.host.LiveNotebook;

class TokensViewMagicTest {
    private static final DemoMagics MAGICS = new DemoMagics();

    @BeforeAll
    static void begin() throws Exception {
        MAGICS.run("%attn 1 -o heads");
        MAGICS.host()
                .set(
                        "grid",
                        MAGICS.value("%attn 1", Grid.class).slice("head", 0).slice("query_pos", 9));
        MAGICS.host().set("number", 3);
    }

    @AfterAll
    static void close() {
        MAGICS.close();
    }

    private static LensReading reading(String prompt) {
        return LensReading.of(MAGICS.lens().model(), MAGICS.lens().tokens(prompt), LensOptions.defaults());
    }

    @Test
    void the_surprise_is_that_of_the_whole_model_on_each_next_token() throws Exception {
        LensReading shown = MAGICS.value("%tokensview", LensReading.class);
        assertThat(shown.loss().values())
                .containsExactly(reading(DemoMagics.PROMPT).loss().values());
        assertThat(MAGICS.value("%tokensview --by loss -p \"Paris is in\"", LensReading.class)
                        .loss()
                        .values())
                .containsExactly(reading("Paris is in").loss().values());
    }

    @Test
    void the_entropy_is_that_behind_the_last_layer() throws Exception {
        Grid entropy = MAGICS.value("%tokensview --by entropy", Grid.class);
        Grid all = reading(DemoMagics.PROMPT).entropy();
        int last = all.axis("component").size() - 1;
        assertThat(entropy).usingRecursiveComparison().isEqualTo(all.slice("component", last));
        assertThat(entropy.axes()).extracting(Axis::name).containsExactly("pos");
    }

    @Test
    void a_grid_of_a_variable_colours_its_own_tokens() throws Exception {
        assertThat(MAGICS.run("%tokensview $grid").value())
                .isEqualTo(MAGICS.host().variable("grid"));
        assertThat(MAGICS.shown("%tokensview $grid").plain()).contains("Mary", "store");
        assertThat(MAGICS.run("%tokensview $grid -o kept").value())
                .isEqualTo(MAGICS.host().variable("kept"));
    }

    @Test
    void a_result_that_was_kept_is_shown_again() throws Exception {
        String first = MAGICS.shown("%tokensview -o kept").plain();
        assertThat(MAGICS.shown("%tokensview $kept").plain()).isEqualTo(first);
    }

    @ParameterizedTest
    @ValueSource(strings = {"%tokensview", "%tokensview --by entropy", "%tokensview $grid"})
    void it_is_a_picture_a_page_and_a_text(String line) throws Exception {
        assertThat(MAGICS.shown(line).data()).containsKeys(MimeBundle.PNG, MimeBundle.HTML, MimeBundle.TEXT);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "%tokensview x | takes one Java variable with a Grid or a LensReading, and was given [x]. For another prompt write -p",
                "%tokensview $number | takes one Java variable with a Grid or a LensReading, and was given [3]",
                "%tokensview $grid $grid | and was given [$grid (Grid), $grid (Grid)]",
                "%tokensview $none | Unknown variable \"$none\"",
                "%tokensview $heads | Coloured tokens need the axes [pos] or [metric pos]",
                "%tokensview $grid --by loss | $grid brings its own numbers and tokens. Leave out --by and -p.",
                "%tokensview $grid -p x | $grid brings its own numbers and tokens. Leave out --by and -p.",
                "%tokensview --by los | Unknown --by \"los\" in %tokensview. Closest of 2: loss",
                "%tokensview --by | needs a value"
            })
    void a_mistake_is_explained(String line, String reason) {
        assertThatThrownBy(() -> MAGICS.run(line))
                .isInstanceOf(Explained.class)
                .message()
                .contains(reason);
    }

    private static float[] numbers(LiveNotebook notebook, String name) throws Exception {
        Object value = notebook.variable(name).orElseThrow();
        return (value instanceof LensReading reading ? reading.loss() : (Grid) value).values();
    }

    @Test
    void the_java_call_gives_the_same_numbers() throws Exception {
        try (LiveNotebook notebook = MagicJavaTest.notebook()) {
            notebook.run("%load demo\n%prompt " + DemoMagics.PROMPT);
            notebook.run("var grid = lens.attention(1).slice(\"head\", 0); String text = \"Paris is in\";"
                    + "var reading = LensReading.of(lens.model(), lens.tokens(text), LensOptions.defaults());");
            for (String line : List.of(
                    "%tokensview",
                    "%tokensview -p $text",
                    "%tokensview --by entropy",
                    "%tokensview --by entropy -p \"The cat sat\"",
                    "%tokensview $grid",
                    "%tokensview $reading")) {
                notebook.run(line + " -o byMagic");
                notebook.run(notebook.run("%tokensview --java -o byJava" + line.substring("%tokensview".length()))
                        .orElseThrow()
                        .plain());
                assertThat(numbers(notebook, "byJava")).as(line).containsExactly(numbers(notebook, "byMagic"));
            }
        }
    }
}
