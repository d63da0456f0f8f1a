package org.lens4j.viz;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.Color;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class PaletteTest {
    /** WCAG 2, level AA, for text of ordinary size. */
    private static final double READABLE = 4.5;

    @Property
    void text_can_be_read_on_any_colour(@ForAll @IntRange(max = 0xffffff) int rgb) {
        Color background = new Color(rgb);
        assertThat(Palette.contrast(background, Palette.textOn(background))).isGreaterThanOrEqualTo(READABLE);
    }

    @Test
    void viridis_gets_brighter_all_the_way() {
        double before = -1;
        for (int i = 0; i <= 100; i++) {
            double luminance = Palette.luminance(Palette.VIRIDIS.at(i / 100.0));
            assertThat(luminance).isGreaterThan(before);
            before = luminance;
        }
    }

    @Test
    void red_is_below_and_blue_is_above_and_the_middle_is_almost_white() {
        assertThat(Palette.RED_BLUE.at(0.1).getRed()).isGreaterThan(150);
        assertThat(Palette.RED_BLUE.at(0.9).getBlue()).isGreaterThan(150);
        assertThat(Palette.luminance(Palette.RED_BLUE.at(0.5))).isGreaterThan(0.9);
    }

    @Property
    void what_is_outside_gets_the_nearest_end(@ForAll @DoubleRange(min = 1, max = 1e6) double outside) {
        assertThat(Palette.VIRIDIS.at(outside)).isEqualTo(Palette.VIRIDIS.at(1));
        assertThat(Palette.VIRIDIS.at(1 - outside)).isEqualTo(Palette.VIRIDIS.at(0));
    }

    @Test
    void labels_and_notes_can_be_read_on_paper() {
        assertThat(Palette.contrast(Palette.PALE_INK, Palette.PAPER)).isGreaterThanOrEqualTo(READABLE);
    }

    @Test
    void the_stops_are_reached() {
        assertThat(Palette.hex(Palette.VIRIDIS.at(0))).isEqualTo("#440154");
        assertThat(Palette.hex(Palette.VIRIDIS.at(1))).isEqualTo("#fde725");
    }
}
