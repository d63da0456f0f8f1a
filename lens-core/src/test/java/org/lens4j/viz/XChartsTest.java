package org.lens4j.viz;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import org.junit.jupiter.api.Test;
import org.knowm.xchart.HeatMapChart;
import org.lens4j.analysis.Grid;

class XChartsTest {
    private static final int CELL = 20;
    /** XChart cuts where {@link Palette#at} rounds. */
    private static final int ROUNDING = 2;

    @Test
    void each_cell_has_its_colour_the_first_row_is_on_top_and_nan_is_paper() {
        Grid grid = Samples.matrix(2, 3, 0.1f, 0.9f, Float.NaN, 0.5f, Float.NaN, 1);
        BufferedImage image = Ink.page(3 * CELL, 2 * CELL);
        Graphics2D g = Ink.pen(image);
        XCharts.paintCells(g, grid, ColorScale.probability(), 3 * CELL, 2 * CELL);
        g.dispose();
        for (int row = 0; row < 2; row++) {
            for (int column = 0; column < 3; column++) {
                float value = grid.at(row, column);
                Color expected = Float.isNaN(value) ? Palette.PAPER : Palette.VIRIDIS.at(value);
                for (int corner : new int[] {1, CELL / 2, CELL - 2}) {
                    Color found = new Color(image.getRGB(column * CELL + corner, row * CELL + corner));
                    assertClose(found, expected);
                }
            }
        }
    }

    @Test
    void a_single_cell_can_be_painted() {
        BufferedImage image = Ink.page(CELL, CELL);
        XCharts.paintCells(Ink.pen(image), Samples.matrix(1, 1, 1), ColorScale.probability(), CELL, CELL);
        assertClose(new Color(image.getRGB(CELL / 2, CELL / 2)), Palette.VIRIDIS.at(1));
    }

    @Test
    void the_full_chart_has_all_labels_and_the_first_row_last() {
        HeatMapChart chart = Heatmap.toXChart(Samples.matrix(3, 2, 1, 2, 3, Float.NaN, 5, -6));
        assertThat(chart.getHeatMapSeries().getYData()).map(Object::toString).containsExactly("2", "1", "0");
        assertThat(chart.getHeatMapSeries().getHeatData()).hasSize(5);
        assertThat(chart.getStyler().getMin()).isEqualTo(-6);
        assertThat(chart.getTitle()).isEqualTo("A result");
    }

    private static void assertClose(Color found, Color expected) {
        assertThat(Math.abs(found.getRed() - expected.getRed())).isLessThanOrEqualTo(ROUNDING);
        assertThat(Math.abs(found.getGreen() - expected.getGreen())).isLessThanOrEqualTo(ROUNDING);
        assertThat(Math.abs(found.getBlue() - expected.getBlue())).isLessThanOrEqualTo(ROUNDING);
    }
}
