package org.lens4j.viz;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.lens4j.analysis.Axis;
import org.lens4j.analysis.Grid;

class ColorScaleTest {
    @Test
    void both_signs_are_symmetric_around_zero() {
        ColorScale scale = ColorScale.of(Samples.matrix(1, 3, -1, 4, Float.NaN));
        assertThat(scale).isEqualTo(new ColorScale(Palette.RED_BLUE, -4, 4));
        assertThat(scale.color(0)).isEqualTo(Palette.RED_BLUE.at(0.5));
    }

    @Test
    void one_sign_starts_at_zero() {
        assertThat(ColorScale.of(Samples.matrix(1, 2, 2, 5))).isEqualTo(new ColorScale(Palette.VIRIDIS, 0, 5));
    }

    @Test
    void probabilities_end_at_one() {
        Grid grid = new Grid("p", "probability", List.of(Axis.counted("pos", 2)), new float[] {0.1f, 0.2f});
        assertThat(ColorScale.of(grid)).isEqualTo(ColorScale.probability());
    }

    @Test
    void shares_reach_to_the_whole_and_beyond_only_with_larger_ones() {
        Axis axis = Axis.counted("layer", 2);
        assertThat(ColorScale.of(new Grid("s", "share", List.of(axis), new float[] {-0.0048f, 0.001f})))
                .isEqualTo(new ColorScale(Palette.RED_BLUE, -1, 1));
        assertThat(ColorScale.of(new Grid("s", "share", List.of(axis), new float[] {-0.1f, 1.25f})))
                .isEqualTo(new ColorScale(Palette.RED_BLUE, -1.25f, 1.25f));
        assertThat(ColorScale.of(new Grid("s", "share", List.of(axis), new float[] {0, 0.25f})))
                .isEqualTo(new ColorScale(Palette.VIRIDIS, 0, 1));
        assertThat(ColorScale.of(new Grid("s", "share", List.of(axis), new float[] {0, 1.5f})))
                .isEqualTo(new ColorScale(Palette.VIRIDIS, 0, 1.5f));
    }

    @Test
    void small_shares_keep_their_digits() {
        List<Axis> axes = List.of(Axis.counted("layer", 1), Axis.counted("pos", 2));
        Rendering shown = Heatmap.of(new Grid("s", "share", axes, new float[] {-0.00484f, 0.001f}));
        assertThat(shown.html().orElseThrow()).contains("-0.00484").contains("\"digits\":5");
    }

    @Test
    void a_grid_of_zeros_has_a_scale() {
        assertThat(ColorScale.of(Samples.matrix(1, 2, 0, 0)).max()).isEqualTo(1);
    }
}
