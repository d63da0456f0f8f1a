package org.lens4j.viz;

import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.knowm.xchart.HeatMapChart;
import org.knowm.xchart.HeatMapChartBuilder;
import org.knowm.xchart.style.HeatMapStyler;
import org.lens4j.analysis.Grid;

/** Heat maps as XChart draws them, with the cures for what XChart 4.0.3 gets wrong. */
final class XCharts {
    /** XChart sets 60 pixels aside for an axis even if there is none, and divides by zero where they are missing. */
    private static final int SMALLEST_CHART = 260;

    private XCharts() {}

    /**
     * Paints the bare cells over a rectangle that begins at the origin.
     *
     * @param grid {@code [rows columns]}
     * @param width of the rectangle, a multiple of the columns
     * @param height of the rectangle, a multiple of the rows
     */
    static void paintCells(Graphics2D g, Grid grid, ColorScale scale, int width, int height) {
        int larger = 1 + SMALLEST_CHART / Math.min(width, height);
        Graphics2D scaled = (Graphics2D) g.create();
        scaled.scale(1.0 / larger, 1.0 / larger);
        cells(grid, scale, larger * width, larger * height).paint(scaled, larger * width, larger * height);
        scaled.dispose();
    }

    /**
     * The bare cells: the plot fills the whole chart, nothing is written.
     *
     * @param grid {@code [rows columns]}
     * @param width of the chart, a multiple of the columns
     * @param height of the chart, a multiple of the rows
     */
    private static HeatMapChart cells(Grid grid, ColorScale scale, int width, int height) {
        HeatMapChart chart = colored(grid, scale, width, height);
        HeatMapStyler styler = chart.getStyler();
        styler.setLegendVisible(false);
        styler.setChartTitleVisible(false);
        styler.setAxisTicksVisible(false);
        styler.setAxisTitlesVisible(false);
        styler.setPlotBorderVisible(false);
        styler.setChartPadding(0);
        styler.setPlotMargin(0);
        styler.setAntiAlias(false);
        return chart;
    }

    /**
     * The whole chart with title, axes and legend, for those who go on with XChart.
     *
     * @param grid {@code [rows columns]}
     */
    static HeatMapChart chart(Grid grid, ColorScale scale) {
        int rows = grid.axes().get(0).size();
        int columns = grid.axes().get(1).size();
        HeatMapChart chart = colored(
                grid, scale, Math.min(1600, 220 + columns * 28), Math.min(1600, Math.max(260, 190 + rows * 24)));
        chart.setTitle(grid.title());
        chart.setXAxisTitle(grid.axes().get(1).name());
        chart.setYAxisTitle(grid.axes().get(0).name());
        HeatMapStyler styler = chart.getStyler();
        styler.setDrawBorder(true);
        styler.setXAxisTickMarkSpacingHint(5);
        styler.setYAxisTickMarkSpacingHint(5);
        styler.setXAxisLabelRotation(90);
        styler.setAxisTickLabelsFont(new Font(Font.SANS_SERIF, Font.PLAIN, 11));
        styler.setHeatMapDecimalValueFormatter(value -> Numerals.significant(value, 3));
        styler.setHeatMapValueDecimalPattern("0.##");
        return chart;
    }

    private static HeatMapChart colored(Grid grid, ColorScale scale, int width, int height) {
        HeatMapChart chart =
                new HeatMapChartBuilder().width(width).height(height).build();
        HeatMapStyler styler = chart.getStyler();
        styler.setRangeColors(scale.palette().stops().toArray(new Color[0]));
        styler.setMin(scale.min());
        styler.setMax(scale.max());
        styler.setPlotContentSize(1);
        styler.setPlotGridLinesVisible(false);
        styler.setChartBackgroundColor(Palette.PAPER);
        styler.setPlotBackgroundColor(Palette.PAPER);
        List<String> bottomUp = new ArrayList<>(grid.axes().get(0).labels());
        Collections.reverse(bottomUp);
        chart.addSeries(grid.title(), grid.axes().get(1).labels(), bottomUp, heat(grid));
        return chart;
    }

    /** XChart counts rows from the bottom, and paints NaN black unless it is left out. */
    private static List<Number[]> heat(Grid grid) {
        int rows = grid.axes().get(0).size();
        int columns = grid.axes().get(1).size();
        float[] values = grid.values();
        List<Number[]> heat = new ArrayList<>(values.length);
        for (int row = 0; row < rows; row++) {
            for (int column = 0; column < columns; column++) {
                float value = values[row * columns + column];
                if (!Float.isNaN(value)) {
                    heat.add(new Number[] {column, rows - 1 - row, value});
                }
            }
        }
        return heat;
    }
}
