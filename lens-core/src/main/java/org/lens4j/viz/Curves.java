package org.lens4j.viz;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.knowm.xchart.CategoryChart;
import org.knowm.xchart.CategoryChartBuilder;
import org.knowm.xchart.CategorySeries;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.internal.chartpart.Chart;
import org.knowm.xchart.internal.series.MarkerSeries;
import org.knowm.xchart.style.AxesChartStyler;
import org.knowm.xchart.style.Styler.LegendPosition;
import org.knowm.xchart.style.markers.SeriesMarkers;
import org.lens4j.analysis.Axis;

/**
 * Curves over one axis, drawn by XChart: as a chart of numbers where the axis counts, as a chart of categories where it has
 * labels, since every label is to be seen.
 *
 * @param heading above it
 * @param x what runs across
 * @param unit what runs up
 * @param curves each with one number for each index of {@code x}
 */
record Curves(Heading heading, Axis x, String unit, List<Curve> curves) {
    private static final int WIDTH = 860;
    private static final int HEIGHT = 360;
    private static final int MARGIN = 14;
    /** Curves with fewer points have them marked. */
    private static final int MARKED = 60;

    Curves {
        curves = List.copyOf(curves);
    }

    /**
     * One curve.
     *
     * @param name in the legend; empty if it is the only one
     * @param points NaN is a gap
     */
    record Curve(String name, List<Float> points) {
        Curve {
            points = List.copyOf(points);
        }
    }

    int points() {
        return x.size();
    }

    /** Whether the axis counts steps or layers, so that its labels are numbers in even steps. */
    boolean counts() {
        return x.labels().stream().allMatch(label -> label.matches("\\d+"));
    }

    boolean marked() {
        return points() <= MARKED;
    }

    /** Few curves are told apart by colour and dashes; many are in order, from dark to bright. */
    Color color(int curve) {
        return curves.size() <= Palette.CATEGORIES.size()
                ? Palette.CATEGORIES.get(curve)
                : Palette.VIRIDIS.at(0.92 * curve / (curves.size() - 1));
    }

    /** The lengths of a curve's dashes and gaps; empty for a whole line. */
    List<Integer> dashes(int curve) {
        return curves.size() > Palette.CATEGORIES.size()
                ? List.of()
                : List.of(List.<Integer>of(), List.of(8, 4), List.of(2, 3), List.of(10, 3, 2, 3))
                        .get(curve % 4);
    }

    /** The picture as a PNG file. */
    byte[] png() {
        Graphics2D ruler = Ink.pen(Ink.page(1, 1));
        int head = heading.height(ruler, WIDTH);
        BufferedImage image = Ink.page(WIDTH + 2 * MARGIN, head + HEIGHT + 2 * MARGIN);
        Graphics2D g = Ink.pen(image);
        g.translate(MARGIN, MARGIN);
        heading.draw(g, WIDTH);
        Graphics2D plot = (Graphics2D) g.create(0, head, WIDTH, HEIGHT);
        Chart<?, ?> chart = chart();
        chart.getStyler().setChartTitleVisible(false);
        chart.paint(plot, WIDTH, HEIGHT);
        plot.dispose();
        g.dispose();
        return Ink.png(image);
    }

    /** The XChart, with its title. */
    Chart<?, ?> chart() {
        return counts() ? numbers() : categories();
    }

    private XYChart numbers() {
        XYChart chart = new XYChartBuilder().width(WIDTH).height(HEIGHT).build();
        List<Integer> places = x.labels().stream().map(Integer::valueOf).toList();
        for (int i = 0; i < curves.size(); i++) {
            // XChart breaks a line where a number is missing.
            lined(chart.addSeries(seriesName(i), places, there(curves.get(i))), i);
        }
        chart.setXAxisTitle(x.name());
        chart.setYAxisTitle(unit);
        styled(chart, chart.getStyler());
        chart.getStyler().setXAxisDecimalPattern("0");
        return chart;
    }

    private CategoryChart categories() {
        CategoryChart chart =
                new CategoryChartBuilder().width(WIDTH).height(HEIGHT).build();
        List<String> labels = x.labels().stream().map(TokenText::shortened).toList();
        for (int i = 0; i < curves.size(); i++) {
            CategorySeries series = chart.addSeries(seriesName(i), labels, there(curves.get(i)));
            series.setChartCategorySeriesRenderStyle(CategorySeries.CategorySeriesRenderStyle.Line);
            lined(series, i);
        }
        chart.setXAxisTitle(x.name());
        chart.setYAxisTitle(unit);
        styled(chart, chart.getStyler());
        // Else each curve stands a little to the right of the one before.
        chart.getStyler().setOverlapped(true);
        chart.getStyler().setXAxisLabelRotation(labels.stream().anyMatch(label -> label.length() > 3) ? 45 : 0);
        return chart;
    }

    private void lined(MarkerSeries series, int curve) {
        series.setLineColor(color(curve));
        series.setMarkerColor(color(curve));
        series.setLineStyle(stroke(curve));
        series.setMarker(marked() ? SeriesMarkers.CIRCLE : SeriesMarkers.NONE);
    }

    private void styled(Chart<?, ?> chart, AxesChartStyler styler) {
        chart.setTitle(heading.title());
        styler.setLegendVisible(curves.size() > 1);
        styler.setLegendPosition(LegendPosition.OutsideE);
        styler.setLegendBorderColor(Palette.PAPER);
        styler.setLegendFont(Ink.LABEL);
        styler.setChartBackgroundColor(Palette.PAPER);
        styler.setPlotBackgroundColor(Palette.PAPER);
        styler.setPlotGridLinesColor(Palette.PALE);
        styler.setPlotBorderColor(Palette.FRAME);
        styler.setMarkerSize(5);
        styler.setAxisTickLabelsFont(new Font(Font.SANS_SERIF, Font.PLAIN, 11));
        styler.setAxisTitleFont(Ink.LABEL);
        // By default every second label is left out.
        styler.setXAxisTickMarkSpacingHint(counts() ? 80 : 5);
        styler.setYAxisDecimalPattern("#.####");
    }

    private String seriesName(int curve) {
        String name = curves.get(curve).name();
        return name.isEmpty() ? unit : name;
    }

    private BasicStroke stroke(int curve) {
        List<Integer> dashes = dashes(curve);
        if (dashes.isEmpty()) {
            return new BasicStroke(2, BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND);
        }
        float[] lengths = new float[dashes.size()];
        IntStream.range(0, lengths.length).forEach(i -> lengths[i] = dashes.get(i));
        return new BasicStroke(2, BasicStroke.CAP_BUTT, BasicStroke.JOIN_ROUND, 1, lengths, 0);
    }

    private static List<Double> there(Curve curve) {
        List<Double> points = new ArrayList<>();
        curve.points().forEach(value -> points.add(Float.isFinite(value) ? Double.valueOf(value) : Double.NaN));
        return points;
    }
}
