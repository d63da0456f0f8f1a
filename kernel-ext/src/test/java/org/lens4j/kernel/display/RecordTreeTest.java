package org.lens4j.kernel.display;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Records as JSON, and as fields for people. */
class RecordTreeTest {
    sealed interface Shape {
        record Round() implements Shape {}

        record Square(int sideLength, Optional<String> label) implements Shape {}
    }

    @Test
    void records_become_json_under_pythons_names() {
        record Whole(int nLayers, List<Shape> shapes, double mostOfIt) {}
        Whole whole = new Whole(
                2, List.of(new Shape.Round(), new Shape.Square(3, Optional.empty())), Double.POSITIVE_INFINITY);
        assertThat(RecordTree.of(whole).toString())
                .isEqualTo(
                        "{\"n_layers\":2,\"shapes\":[\"round\",{\"kind\":\"square\",\"side_length\":3,\"label\":null}],"
                                + "\"most_of_it\":\"Infinity\"}");
    }

    @Test
    void fields_read_as_words_and_long_ones_have_a_line_of_their_own() {
        record Sizes(int nLayers) {}
        record Whole(Sizes sizes, Shape shape, double eps, boolean tied, List<Shape> shapes, List<String> absent) {}
        Shape square = new Shape.Square(3, Optional.empty());
        Whole whole = new Whole(
                new Sizes(2),
                square,
                1e-6,
                true,
                List.of(square, new Shape.Round(), square, new Shape.Round(), square),
                List.of());
        assertThat(Fields.text(RecordTree.of(whole).getAsJsonObject(), "sizes"))
                .startsWith("n_layers  2 ")
                .doesNotContain("parameters");
        assertThat(Fields.text(RecordTree.of(whole).getAsJsonObject(), "sizes", "parameters", "1,000"))
                .isEqualTo("""
                        n_layers  2                       tied        yes
                        shape     square (side_length 3)  absent      none
                        eps       1e-06                   parameters  1,000
                        shapes  square (side_length 3), round, square (side_length 3), round, … 5 in all""");
    }
}
