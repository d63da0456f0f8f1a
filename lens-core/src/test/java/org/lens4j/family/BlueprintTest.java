package org.lens4j.family;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A family's rows name exactly the parameters the forward pass reads, each once and in its shape. */
class BlueprintTest {
    private static final Path CONFIGS = Path.of("src/test/resources/configs");

    static Stream<Path> configs() {
        try (Stream<Path> files = Files.list(CONFIGS)) {
            return files.sorted().toList().stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static ConfigJson json(Path file) {
        try {
            return ConfigJson.parse(file.toString(), Files.readString(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @ParameterizedTest
    @MethodSource("configs")
    void rows_cover_exactly_the_parameters_of_the_forward_pass(Path file) {
        Blueprint blueprint = Families.blueprint(json(file));
        List<Row> needed = new Blueprint(
                        blueprint.config(), NativeRows.of(blueprint.config(), false), blueprint.tensors())
                .expanded();
        assertThat(shapes(blueprint.expanded(), blueprint)).isEqualTo(shapes(needed, blueprint));
        assertThat(blueprint.expanded().stream().map(Row::ours).distinct().count())
                .isEqualTo(blueprint.expanded().size());
    }

    private static Map<String, String> shapes(List<Row> rows, Blueprint blueprint) {
        return new TreeMap<>(rows.stream()
                .collect(Collectors.toMap(
                        Row::ours, row -> row.shape(blueprint.config()).toString(), (a, b) -> a + " and " + b)));
    }

    @Test
    void every_family_is_tried() {
        List<Family> tried =
                configs().map(file -> Families.of(json(file))).distinct().toList();
        assertThat(tried).containsExactlyInAnyOrderElementsOf(Families.ALL);
    }
}
