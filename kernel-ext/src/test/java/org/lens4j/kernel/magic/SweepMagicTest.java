package org.lens4j.kernel.magic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.lens4j.analysis.Grid;
import org.lens4j.error.StateException;
import org.lens4j.error.UsageException;
import org.lens4j.generate.Generation;
import org.lens4j.kernel.display.LensDisplays;
import org.lens4j.kernel.display.MimeBundle;
import org.lens4j.kernel.host.LiveNotebook;
import org.lens4j.kernel.session.LensSession;
import org.lens4j.kernel.session.Swept;

/** {@code %%sweep} and {@code %%prompts} in a notebook. */
class SweepMagicTest {
    private static final LiveNotebook NOTEBOOK = MagicJavaTest.notebook();

    @BeforeAll
    static void load() throws Exception {
        NOTEBOOK.run("%load demo");
        NOTEBOOK.run("var words = List.of(\" Mary\", \" Paris\"); var rates = new double[] {0.5, 2}; int three = 3;");
    }

    @BeforeEach
    void begin() throws Exception {
        NOTEBOOK.lens().prompt(DemoMagics.PROMPT);
        NOTEBOOK.displayed().clear();
    }

    @AfterAll
    static void close() {
        NOTEBOOK.close();
    }

    private static String shown(String cell) throws Exception {
        return NOTEBOOK.run(cell).orElseThrow().plain();
    }

    private static Swept swept(String cell) throws Exception {
        NOTEBOOK.run(cell.replaceFirst("%%sweep", "%%sweep -o kept"));
        return (Swept) NOTEBOOK.variable("kept").orElseThrow();
    }

    @Test
    void a_cell_is_run_for_each_value_and_its_last_line_is_gathered() throws Exception {
        Swept swept = swept("%%sweep layer 0..2\nvar g = lens.attention(layer);\ng.slice(\"head\", 0).at(14, 4)");
        assertThat(swept.values()).containsExactly(0, 1, 2);
        Grid grid = swept.grid();
        for (int layer = 0; layer < 3; layer++) {
            assertThat(grid.at(layer))
                    .isEqualTo(NOTEBOOK.lens().attention(layer).at(0, 14, 4));
        }
        assertThat(shown("%%sweep layer 0..2\nlayer * 2")).isEqualTo("""
                By layer: 3 rows × 2 columns
                layer  result
                0      0
                1      2
                2      4""");
    }

    @Test
    void magics_read_the_variable_and_grids_are_stacked() throws Exception {
        Grid all = swept("%%sweep layer 0..2\n%attn $layer").grid();
        assertThat(all.shape()).isEqualTo("[layer=3 head=2 query_pos=15 key_pos=15]");
        assertThat(all.at(1, 0, 14, 4)).isEqualTo(NOTEBOOK.lens().attention(1).at(0, 14, 4));
        assertThat(shown("%%sweep part layer head\n%dla \" Mary\" \" John\" --by $part"))
                .contains("total", "strongest", "component 1_mlp_out", "layer 1, head 0");
    }

    @Test
    void of_attention_the_strongest_behind_the_first_token_is_told() throws Exception {
        assertThat(shown("%%sweep layer 0..2\n%attn $layer"))
                .contains("strongest, first key left out")
                .doesNotContain("endoftext")
                .containsPattern("\n1 +head L1H\\d, query_pos \\S+, key_pos [1-9]");
    }

    @Test
    void a_cell_that_only_prints_has_no_column_of_results_and_says_why() throws Exception {
        assertThat(shown("%%sweep x 1 2\nSystem.out.print(\"\");"))
                .contains("By x: 2 rows × 1 column", "The cell's last line has no value")
                .doesNotContain("result\n");
        assertThat(shown("%%sweep x 1 2\nx == 1 ? Optional.empty() : x")).contains("1  (no value)", "2  2");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "0..3 | [0, 1, 2, 3]",
                "-1..0 | [-1, 0]",
                "4 2 9 | [4, 2, 9]",
                "$three | [3]",
                "1 2.5 | [1.0, 2.5]",
                "a 'b c' | [a, b c]",
                "$words | [ Mary,  Paris]",
                "$rates | [0.5, 2.0]"
            })
    void values_are_ranges_words_or_what_a_variable_holds(String words, String values) throws Exception {
        assertThat(swept("%%sweep x " + words + "\nx").values()).hasToString(values);
        assertThat(swept("%%sweep x " + words + "\nx").results()).hasToString(values);
    }

    @Test
    void steerings_are_shown_by_strength_and_what_they_write_by_generate() throws Exception {
        String steer = "%%sweep s 1 2\n%steer blocks.1.hook_resid_pre \" Paris\" \" Rome\" -n 2 --strength $s";
        assertThat(shown(steer))
                .containsPattern("1 +blocks.1.hook_resid_pre +1")
                .contains("%generate --steer $steered.")
                .doesNotContain("Steering[");
        assertThat(swept(steer + " -o steered\n%generate -n 3 --steer $steered").results())
                .hasSize(2)
                .allMatch(Generation.class::isInstance);
    }

    @Test
    void prompts_are_set_shown_and_swept_over() throws Exception {
        assertThat(shown("%%prompts\nParis is the capital of\n\nRome is the capital of\n"))
                .contains("2 prompts")
                .containsPattern("Paris is the capital of +6 +·France")
                .containsPattern("Rome is the capital of +6 +·Italy");
        assertThat(NOTEBOOK.lens().prompts()).containsExactly("Paris is the capital of", "Rome is the capital of");
        assertThat(NOTEBOOK.run("%%prompts\nThree is $three, $5\n")).isPresent();
        assertThat(NOTEBOOK.lens().prompts()).containsExactly("Three is 3, $5");
        NOTEBOOK.lens().prompts(List.of("Paris is the capital of", "Rome is the capital of"));
        assertThat(shown("%%sweep --prompts\n%next -k 2"))
                .containsPattern("Paris is the capital of +·France")
                .containsPattern("Rome is the capital of +·Italy");
        assertThat(NOTEBOOK.lens().prompt()).as("what was set before").isEqualTo(DemoMagics.PROMPT);
        assertThatThrownBy(() -> NOTEBOOK.run("%%prompts\nhi\n" + " Mary".repeat(2000)))
                .hasMessageContaining("reads at most");
        assertThat(NOTEBOOK.lens().prompts()).hasSize(2);
    }

    static List<String> cells() {
        return List.of(
                "%%sweep layer 0..2\nlens.attention(layer).at(0, 14, 4)",
                "%%sweep layer 0 2\nvar g = %attn $layer\ndouble best = 0;\nfor (float v : g.values()) {\n    best = Math.max(best, v);\n}\nbest",
                "%%sweep w $words\n%next -k 1 -p \"He saw$w and\"",
                "%%sweep r $rates\n%steer blocks.1.hook_resid_pre a b --strength $r\n",
                "%%sweep w a 'b c'\nSystem.out.print(\"\");",
                "%%sweep part layer head\nString s = part;\n%dla \" Mary\" --by $part",
                "%%sweep --prompts\n%tokens\n%generate -n 2",
                "%%sweep x 1.5 2\nx\n    % 2");
    }

    @ParameterizedTest
    @MethodSource("cells")
    void the_java_call_gives_the_same(String cell) throws Exception {
        NOTEBOOK.lens().prompts(List.of("Paris is the capital of", "When Mary"));
        String byMagic = LensDisplays.standard().of(swept(cell)).plain();
        String java = shown(cell.replaceFirst("%%sweep", "%%sweep --java -o byJava"));
        assertThat(java).startsWith("var byJava = Swept.over").doesNotContain("%attn", "%next", "%dla");
        NOTEBOOK.run(java);
        assertThat(LensDisplays.standard()
                        .of(NOTEBOOK.variable("byJava").orElseThrow())
                        .plain())
                .isEqualTo(byMagic);
        assertThat(NOTEBOOK.lens().prompt()).isEqualTo(DemoMagics.PROMPT);
    }

    @Test
    void the_java_of_prompts_sets_them() throws Exception {
        String java = shown("%%prompts --java -o texts\nSay \"hi\"\nParis is");
        assertThat(shown("%%prompts --java\nof $three")).contains("\"of \" + three");
        assertThat(java).isEqualTo("""
                var texts = lens.prompts(List.of(
                        "Say \\"hi\\"",
                        "Paris is")).prompts();""");
        NOTEBOOK.run(java);
        assertThat(NOTEBOOK.variable("texts")).contains(List.of("Say \"hi\"", "Paris is"));
    }

    @Test
    void an_error_is_marked_in_the_cell_and_what_came_before_it_is_shown() throws Exception {
        assertThatThrownBy(() -> NOTEBOOK.run("%%sweep layer 0..5\n%attn $layer"))
                .hasMessageContaining("demo has no layer 3");
        // On a slow machine a progress bar stands before it.
        assertThat(NOTEBOOK.displayed())
                .last()
                .extracting(MimeBundle::plain)
                .asString()
                .contains("Stopped after 3 of 6.");
        assertThatThrownBy(() -> NOTEBOOK.run("%%sweep x 1 2\nint a = 1;\nint y = ;"))
                .extracting(LiveNotebook::errorText)
                .asString()
                .contains("line 3", "-->   3  int y = ;");
        assertThat(shown("1 + 1")).isEqualTo("2");
    }

    @Test
    void magics_inside_java_read_the_variables_of_loops_and_methods() throws Exception {
        NOTEBOOK.run("for (int layer = 0; layer < 2; layer++) {\n    %attn $layer.0\n}");
        assertThat(NOTEBOOK.displayed()).hasSize(2);
        assertThat(NOTEBOOK.displayed().get(1).plain()).contains("layer 1");
        NOTEBOOK.run(
                "Object next(String text) throws Exception {\n    Object found = %next -k 1 -p \"$text\"\n    return found;\n}");
        assertThat(shown("next(\"Paris is the capital of\")")).contains("·France");
        assertThatThrownBy(() -> NOTEBOOK.run("for (int i = 0; i < 2; i++) {\n    %attn $nowhere\n}"))
                .extracting(LiveNotebook::errorText)
                .asString()
                .contains("nowhere");
    }

    @Test
    void stopped_it_keeps_what_it_has_and_the_notebook_goes_on() throws Exception {
        LensSession lens = NOTEBOOK.lens().seed(0);
        Thread stopping = new Thread(() -> {
            while (lens.seed() < 2) {
                Thread.onSpinWait();
            }
            NOTEBOOK.stop();
        });
        stopping.start();
        assertThatThrownBy(() -> NOTEBOOK.run("%%sweep -o stopped x 0..50\nlens.seed(x);\nThread.sleep(20);\nx"))
                .satisfies(it -> assertThat(LiveNotebook.errorText(it)).contains("Interrupted"));
        List<MimeBundle> displayed = NOTEBOOK.displayed();
        String shown = displayed.get(displayed.size() - 1).plain();
        stopping.join(Duration.ofSeconds(20).toMillis());
        Swept swept = (Swept) NOTEBOOK.variable("stopped").orElseThrow();
        assertThat(swept.isComplete()).isFalse();
        List<Object> first = new ArrayList<>(
                IntStream.range(0, swept.values().size()).boxed().toList());
        assertThat(swept.values())
                .hasSizeGreaterThanOrEqualTo(2)
                .hasSizeLessThan(50)
                .isEqualTo(first);
        assertThat(shown).contains("Stopped after " + swept.values().size() + " of 51.");
        assertThat(shown("String fresh = \"compiled\";\nfresh")).isEqualTo("compiled");
        assertThat(swept("%%sweep x 1 2\nx + 1").results()).containsExactly(2, 3);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "%%sweep\\n1 | needs a variable and its values",
                "%%sweep x\\n1 | needs values behind the variable",
                "%%sweep 2x 1\\n1 | takes the name of a Java variable first",
                "%%sweep x 3..1\\n1 | the range 3..1 is empty",
                "%%sweep x 1 | has nothing below it to run",
                "%%sweep x $nothing\\n1 | Unknown variable \"$nothing\"",
                "%%sweep s 0.5..2\\n1 | a range is of whole numbers and stands alone, as 0..2; \"0.5..2\" is none here",
                "%%sweep s 0..2 5\\n1 | \"0..2\" is none here",
                "%%sweep --prompts x\\n1 | takes its values from %%prompts",
                "%sweep x 1 | takes the rest of its cell. Write %%sweep as the first line",
                "%%prompts | has no lines below it",
                "%%prompts Paris is\\nParis | takes prompts on the lines below it"
            })
    void what_is_written_wrongly_is_refused(String cell, String reason) {
        assertThatThrownBy(() -> NOTEBOOK.run(cell.replace("\\n", "\n"))).hasMessageContaining(reason);
    }

    @Test
    void without_prompts_the_next_step_is_named() throws Exception {
        try (DemoMagics fresh = new DemoMagics()) {
            assertThatThrownBy(() -> fresh.cell("%%sweep --prompts", "1"))
                    .isInstanceOf(StateException.class)
                    .hasMessageContaining("No prompts are set yet. Set them first: %%prompts");
        }
        assertThatThrownBy(() -> Swept.of("x", 2).with(1, "a").with(2, 3).grid())
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("The results by x are no grid: they are [String, Integer].");
    }
}
