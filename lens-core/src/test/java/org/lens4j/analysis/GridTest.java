package org.lens4j.analysis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.lens4j.error.RangeException;
import org.lens4j.error.ShapeException;
import org.lens4j.error.UnknownNameException;

class GridTest {
    private static Grid counted(int... sizes) {
        int size = 1;
        List<Axis> axes = new java.util.ArrayList<>();
        for (int i = 0; i < sizes.length; i++) {
            size *= sizes[i];
            axes.add(Axis.counted("axis" + i, sizes[i]));
        }
        float[] values = new float[size];
        for (int i = 0; i < size; i++) {
            values[i] = i;
        }
        return new Grid("counted", "count", axes, values);
    }

    @Property
    void a_slice_holds_the_numbers_of_its_index(
            @ForAll @IntRange(min = 1, max = 4) int a,
            @ForAll @IntRange(min = 1, max = 4) int b,
            @ForAll @IntRange(min = 1, max = 4) int c,
            @ForAll @IntRange(max = 2) int axis) {
        Grid grid = counted(a, b, c);
        int[] sizes = {a, b, c};
        for (int i = 0; i < a; i++) {
            for (int j = 0; j < b; j++) {
                for (int k = 0; k < c; k++) {
                    int[] index = {i, j, k};
                    int[] rest = java.util.stream.IntStream.range(0, 3)
                            .filter(it -> it != axis)
                            .map(it -> index[it])
                            .toArray();
                    Grid slice = grid.slice("axis" + axis, index[axis]);
                    assertThat(slice.at(rest)).isEqualTo(grid.at(i, j, k));
                    assertThat(slice.values()).hasSize(a * b * c / sizes[axis]);
                }
            }
        }
    }

    @Test
    void a_slice_is_titled_by_a_word_alone_and_by_a_number_with_its_axis() {
        Axis prompts = new Axis("prompt", List.of("mean", "0", "4·Mary"));
        Grid grid = new Grid("t", "u", List.of(prompts, Axis.counted("layer", 1)), new float[3]);
        assertThat(List.of(0, 1, 2).stream().map(it -> grid.slice("prompt", it).title()))
                .containsExactly("t, mean", "t, prompt 0", "t, prompt 4·Mary");
        assertThat(grid.slice("layer", 0).title()).isEqualTo("t, layer 0");
        assertThat(grid.flat("prompt", "layer").axes().get(0).labels())
                .containsExactly("mean L0", "prompt 0 L0", "4·Mary L0");
    }

    @Test
    void its_numbers_cannot_be_changed_from_outside() {
        float[] values = {1, 2};
        Grid grid = new Grid("t", "u", List.of(Axis.counted("x", 2)), values);
        values[0] = 9;
        grid.values()[1] = 9;
        assertThat(grid.values()).containsExactly(1, 2);
    }

    @Test
    void wrong_sizes_indices_and_names_are_named() {
        assertThatThrownBy(() -> new Grid("t", "u", List.of(Axis.counted("x", 3)), new float[2]))
                .isInstanceOf(ShapeException.class)
                .hasMessage("A grid [x=3] needs 3 numbers, got 2.");
        Grid grid = counted(2, 3);
        assertThatThrownBy(() -> grid.at(1))
                .isInstanceOf(ShapeException.class)
                .hasMessageContaining("[axis0=2 axis1=3]");
        assertThatThrownBy(() -> grid.at(1, 3))
                .isInstanceOf(RangeException.class)
                .hasMessageContaining("no axis1 3");
        assertThatThrownBy(() -> grid.slice("axis2", 0))
                .isInstanceOf(UnknownNameException.class)
                .hasMessageContaining("Unknown axis \"axis2\"");
    }

    @Test
    void stacked_grids_are_the_slices_of_the_whole() {
        Grid one = counted(2, 3);
        Grid other = new Grid("other", "count", one.axes(), new float[6]);
        Grid both = Grid.stacked("both", new Axis("kind", List.of("a", "b")), one, other);
        assertThat(both.shape()).isEqualTo("[kind=2 axis0=2 axis1=3]");
        assertThat(both.slice("kind", 0).values()).isEqualTo(one.values());
        assertThat(both.slice("kind", 1).values()).isEqualTo(other.values());
        assertThatThrownBy(() -> Grid.stacked("both", new Axis("kind", List.of("a")), one, other))
                .isInstanceOf(ShapeException.class)
                .hasMessage(
                        "2 grids are stacked on axis kind, which has the labels [a]. Give one label for each grid.");
        assertThatThrownBy(() -> Grid.stacked("both", new Axis("kind", List.of("a", "b")), one, counted(3, 2)))
                .isInstanceOf(ShapeException.class)
                .hasMessageContaining("\"counted\" has the axes [axis0=3 axis1=2] and cannot be stacked");
    }

    @Test
    void a_flat_grid_has_the_same_numbers_and_a_label_for_each() {
        Grid heads = new Grid(
                "t", "u", List.of(Axis.counted("layer", 2), Axis.counted("head", 2)), new float[] {1, 2, 3, 4});
        assertThat(heads.flat().axis("layer head").labels()).containsExactly("L0H0", "L0H1", "L1H0", "L1H1");
        assertThat(heads.flat().values()).containsExactly(1, 2, 3, 4);
        Axis tokens = new Axis("pos", List.of("0 When", "1·Mary"));
        Grid stream = new Grid("t", "u", List.of(Axis.counted("layer", 1), tokens), new float[2]);
        assertThat(stream.flat().axes()).containsExactly(new Axis("layer pos", List.of("L0 0 When", "L0 1·Mary")));
        Grid odd = new Grid("t", "u", List.of(Axis.counted("x", 2), Axis.counted("head", 1)), new float[2]);
        assertThat(odd.flat().axes()).containsExactly(new Axis("x head", List.of("0 H0", "1 H0")));
        Grid three = counted(2, 1, 2);
        assertThat(three.flat("axis1", "axis2").axes())
                .containsExactly(Axis.counted("axis0", 2), new Axis("axis1 axis2", List.of("0 0", "0 1")));
        assertThat(three.flat("axis1", "axis2").values()).isEqualTo(three.values());
        assertThatThrownBy(() -> three.flat("axis0", "axis2"))
                .isInstanceOf(ShapeException.class)
                .hasMessage("The axes [axis0, axis2] cannot become one: they do not stand side by side in"
                        + " [axis0=2 axis1=1 axis2=2]. Name neighbours, in their order.");
        assertThatThrownBy(() -> three.flat("axis3"))
                .isInstanceOf(UnknownNameException.class)
                .hasMessageContaining("Unknown axis \"axis3\"");
    }
}
