package org.lens4j.family;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.lens4j.config.Norm;
import org.lens4j.error.CheckpointException;

/** Architectures described in a file. */
class FamilyFileTest {
    private static final String CONFIG =
            "{\"n_layer\":2,\"n_head\":4,\"n_embd\":32,\"block_size\":64,\"vocab_size\":97,\"dropout\":0.1}";

    /** The description on the page for users. */
    private static String described() throws IOException {
        String page = Files.readString(Path.of("CUSTOM-MODELS.md"));
        int from = page.indexOf("```json") + "```json".length();
        return page.substring(from, page.indexOf("```", from));
    }

    private static Blueprint blueprint(String description) {
        return Families.blueprint(
                FamilyFile.parse("family.json", description), ConfigJson.parse("config.json", CONFIG));
    }

    @Test
    void the_pages_example_describes_its_model() throws IOException {
        Blueprint blueprint = blueprint(described());
        assertThat(blueprint.config().family()).isEqualTo("nanoGPT-RMS");
        assertThat(blueprint.config().dMlp()).isEqualTo(128);
        assertThat(blueprint.config().dHead()).isEqualTo(8);
        assertThat(blueprint.config().norms().blocks()).isEqualTo(Norm.RMS);
        assertThat(blueprint.config().attention().qkNorm()).isTrue();
        assertThat(blueprint.expanded().stream().map(Row::ours).toList())
                .containsExactlyInAnyOrderElementsOf(NativeRows.of(blueprint.config(), false).stream()
                        .flatMap(row -> row.expanded(blueprint.config()).stream())
                        .map(Row::ours)
                        .toList());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\"$n_layer\" | \"$n_layers\" | takes n_layers from \"n_layers\", and config.json has no such key. Closest of its keys: n_layer",
                "\"4 * $n_embd\" | \"4 * $n_embd)\" | is no formula (at character 12)",
                "\"4 * $n_embd\" | \"4 * n_embd + $n_embd\" | names of config.json's keys begin with $",
                "\"d_head\" | \"d_haed\" | d_haed",
                "blocks.{l}.ln1.w | blocks.{l}.ln1.g | a row for \"blocks.{l}.ln1.g\", which this model does not have. Closest: blocks.{l}.ln1.w",
                "blocks.{l}.ln2.w | blocks.{l}.ln1.w | two rows for \"blocks.{l}.ln1.w\"",
                "\"v m -> v m\" | \"v m -> v\" | Both sides",
                "\"part\": 0 | \"prat\": 0 | has \"prat\", which a row does not have. Closest: part",
                "\"prefixes\" | \"prefix\" | has \"prefix\", which a family file does not have. Closest: prefixes",
                "\"act_fn\": \"gelu\" | \"act_fn\": \"gleu\" | act_fn=gleu",
                "\"part\": 0 | \"part\": -1 | has part=-1, and only a number from 0 on",
                "\"axes\": \"h d\" | \"axes\": \"h q\" | has the axis \"q\", and a model has",
                "h\\\\.\\\\d+ | ( | Unclosed group",
                "\"part\": 0 | \"from\": [\"h\", 0] | is [axis, first index], not",
                "\"eps\": 1e-5, | '' | "
            })
    void what_is_wrong_with_a_description_is_said(String right, String wrong, String reason) throws IOException {
        String changed = described().replace(right, wrong);
        assertThat(changed).isNotEqualTo(described());
        if (reason == null) {
            assertThat(blueprint(changed).config().eps()).isEqualTo(1e-5f);
        } else {
            assertThatThrownBy(() -> blueprint(changed))
                    .isInstanceOf(CheckpointException.class)
                    .hasMessageContaining(reason);
        }
    }

    @Test
    void a_parameter_without_a_row_is_named() throws IOException {
        String changed = described().replaceFirst("(?m)^.*unembed.W_U.*$", "");
        assertThatThrownBy(() -> blueprint(changed))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("lacks rows for unembed.W_U.");
    }

    @ParameterizedTest
    @CsvSource({"1 + 2 * 3, 7", "(1 + 2) * 3, 9", "$a / 4 - 1, 1", "2 * ($a - $b), 10", "7 - 2 - 1, 4", "8 / 2 / 2, 2"})
    void formulas_are_read_as_usual(String text, double value) {
        assertThat(Formula.value(text, name -> name.equals("$a") ? 8 : 3)).isEqualTo(value);
    }

    @Test
    void the_notebooks_file_is_the_pages() throws IOException {
        assertThat(Files.readString(Path.of("../notebooks/models/variant/family.json"))
                        .strip())
                .isEqualTo(described().strip());
    }
}
