package org.lens4j.viz;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.Color;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The colours of all pictures as readers see them who lack one kind of cone. */
class ColorVisionTest {
    /** A difference in CIE 1976 L*a*b* of 2 is just seen; lines are thin and far apart, so they need more. */
    private static final double APART = 15;

    /** WCAG 2 for what is drawn. */
    private static final double STANDS_OUT = 3;

    private static final int STEPS = 50;

    /** Machado, Oliveira and Fernandes (2009), severity 1, on linear RGB. */
    private static final List<Reader> READERS = List.of(
            new Reader("all cones", List.of(1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0)),
            new Reader(
                    "no long cones",
                    List.of(
                            0.152286, 1.052583, -0.204868, 0.114503, 0.786281, 0.099216, -0.003882, -0.048116,
                            1.051998)),
            new Reader(
                    "no middle cones",
                    List.of(
                            0.367322, 0.860646, -0.227968, 0.280085, 0.672501, 0.047413, -0.011820, 0.042940,
                            0.968881)),
            new Reader(
                    "no short cones",
                    List.of(
                            1.255528, -0.076749, -0.178779, -0.078411, 0.930809, 0.147602, 0.004733, 0.691367,
                            0.303900)));

    /**
     * Which cones a reader has.
     *
     * @param seen from a colour to the one that is seen, row-major
     */
    private record Reader(String cones, List<Double> seen) {
        Lab sees(Color color) {
            double[] rgb = {linear(color.getRed()), linear(color.getGreen()), linear(color.getBlue())};
            double[] out = new double[3];
            for (int i = 0; i < 9; i++) {
                out[i / 3] += seen.get(i) * rgb[i % 3];
            }
            for (int i = 0; i < 3; i++) {
                out[i] = Math.max(0, Math.min(1, out[i]));
            }
            return Lab.of(out[0], out[1], out[2]);
        }

        private static double linear(int channel) {
            double c = channel / 255.0;
            return c <= 0.04045 ? c / 12.92 : Math.pow((c + 0.055) / 1.055, 2.4);
        }
    }

    /** CIE 1976 L*a*b*, white of D65. */
    private record Lab(double light, double a, double b) {
        static Lab of(double red, double green, double blue) {
            double x = f((0.4124 * red + 0.3576 * green + 0.1805 * blue) / 0.9505);
            double y = f(0.2126 * red + 0.7152 * green + 0.0722 * blue);
            double z = f((0.0193 * red + 0.1192 * green + 0.9505 * blue) / 1.0890);
            return new Lab(116 * y - 16, 500 * (x - y), 200 * (y - z));
        }

        private static double f(double t) {
            return t > 216.0 / 24389 ? Math.cbrt(t) : t * 841 / 108 + 4.0 / 29;
        }

        double from(Lab other) {
            return Math.sqrt(Math.pow(light - other.light, 2) + Math.pow(a - other.a, 2) + Math.pow(b - other.b, 2));
        }
    }

    static List<Reader> readers() {
        return READERS;
    }

    @Test
    void the_simulation_takes_red_and_green_for_one_colour_and_leaves_grey() {
        Color red = new Color(0xb04030);
        Color green = new Color(0x6a7030);
        assertThat(READERS.get(0).sees(red).from(READERS.get(0).sees(green)))
                .isGreaterThan(4 * READERS.get(2).sees(red).from(READERS.get(2).sees(green)));
        for (Reader reader : READERS) {
            assertThat(reader.sees(Color.GRAY).from(READERS.get(0).sees(Color.GRAY)))
                    .isLessThan(0.1);
        }
    }

    @ParameterizedTest
    @MethodSource("readers")
    void a_larger_value_is_brighter_in_viridis_and_darker_in_blue(Reader reader) {
        for (int i = 1; i <= STEPS; i++) {
            double below = (i - 1.0) / STEPS;
            double above = (double) i / STEPS;
            assertThat(reader.sees(Palette.VIRIDIS.at(above)).light())
                    .isGreaterThan(reader.sees(Palette.VIRIDIS.at(below)).light());
            assertThat(reader.sees(Palette.BLUE.at(above)).light())
                    .isLessThan(reader.sees(Palette.BLUE.at(below)).light());
        }
    }

    @ParameterizedTest
    @MethodSource("readers")
    void up_and_down_are_told_apart_and_further_from_zero_is_darker(Reader reader) {
        for (int i = 1; i <= STEPS; i++) {
            double half = 0.5 * i / STEPS;
            Lab up = reader.sees(Palette.RED_BLUE.at(0.5 + half));
            Lab down = reader.sees(Palette.RED_BLUE.at(0.5 - half));
            if (half >= 0.1) {
                assertThat(up.from(down)).as("±" + half).isGreaterThan(APART);
            }
            double nearer = half - 0.5 / STEPS;
            assertThat(up.light())
                    .isLessThan(reader.sees(Palette.RED_BLUE.at(0.5 + nearer)).light());
            assertThat(down.light())
                    .isLessThan(reader.sees(Palette.RED_BLUE.at(0.5 - nearer)).light());
        }
        assertThat(reader.sees(Palette.UP).from(reader.sees(Palette.DOWN))).isGreaterThan(3 * APART);
    }

    @ParameterizedTest
    @MethodSource("readers")
    void each_line_is_told_from_every_other(Reader reader) {
        List<Color> lines = Palette.CATEGORIES;
        for (int one = 0; one < lines.size(); one++) {
            for (int other = 0; other < one; other++) {
                assertThat(reader.sees(lines.get(one)).from(reader.sees(lines.get(other))))
                        .as(Palette.hex(lines.get(one)) + " and " + Palette.hex(lines.get(other)))
                        .isGreaterThan(APART);
            }
        }
    }

    @Test
    void lines_and_bars_stand_out_in_light_and_in_dark() {
        Color dark = new Color(0x111111);
        for (Color line : Palette.CATEGORIES) {
            assertThat(Palette.contrast(line, Palette.PAPER))
                    .as(Palette.hex(line))
                    .isGreaterThan(STANDS_OUT);
            assertThat(Palette.contrast(line, dark)).as(Palette.hex(line)).isGreaterThan(STANDS_OUT);
        }
        for (Color bar : List.of(Palette.UP, Palette.DOWN, Palette.BAR)) {
            assertThat(Palette.contrast(bar, Palette.PAPER))
                    .as(Palette.hex(bar))
                    .isGreaterThan(STANDS_OUT);
        }
    }
}
