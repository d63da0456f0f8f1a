package org.lens4j.viz;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.knowm.xchart.HorizontalBarChart;
import org.knowm.xchart.style.HorizontalBarStyler;

/**
 * Named numbers as horizontal bars from zero, blue to the right and red to the left. XChart draws the bars; names and numbers
 * stand beside them, where XChart would leave some out.
 *
 * @param heading above it
 * @param bars top to bottom, at least one
 * @param end the size of number that fills the chart, more than 0
 */
record BarChart(Heading heading, List<Bar> bars, double end) {
    private static final int WIDTH = 420;
    private static final int HEIGHT = 24;
    private static final int MARGIN = 14;
    private static final int GAP = 8;

    BarChart {
        bars = List.copyOf(bars);
    }

    /**
     * One bar.
     *
     * @param name on its left
     * @param value its length; {@code NaN} for none
     * @param number what is written on its right
     * @param tip what is said when the reader points at it
     */
    record Bar(String name, double value, String number, String tip) {}

    private boolean hasNegative() {
        return bars.stream().anyMatch(bar -> bar.value() < 0);
    }

    private double start() {
        return hasNegative() ? -end : 0;
    }

    /** How far to the right of the chart's left side a number is, 0 to 1. */
    private double place(double value) {
        return Math.max(0, Math.min(1, (value - start()) / (end - start())));
    }

    private Color color(double value) {
        return value < 0 ? Palette.DOWN : hasNegative() ? Palette.UP : Palette.BAR;
    }

    /** The chart as HTML for the {@link Script}: a row for each bar. */
    String html() {
        StringBuilder out = new StringBuilder(heading.html());
        out.append("<div style=\"overflow-x:auto;padding:4px 0\"><table class=\"lens4j-bars\" style=\"--zero:")
                .append(percent(place(0)))
                .append("\">");
        for (Bar bar : bars) {
            double from = Math.min(place(0), place(bar.value()));
            double to = Math.max(place(0), place(bar.value()));
            out.append("<tr data-tip=\"").append(TokenText.html(bar.tip()));
            out.append("\"><th scope=\"row\">").append(TokenText.html(TokenText.shortened(bar.name(), 24)));
            out.append("</th><td><i>");
            if (!Double.isNaN(bar.value())) {
                out.append("<s style=\"left:").append(percent(from)).append(";width:");
                out.append(percent(to - from)).append(";background:");
                out.append(Palette.hex(color(bar.value()))).append("\"></s>");
            }
            out.append("</i></td><td class=\"lens4j-number\">").append(TokenText.html(bar.number()));
            out.append("</td></tr>");
        }
        return out.append("</table></div>").toString();
    }

    private static String percent(double fraction) {
        return String.format(Locale.ROOT, "%.2f%%", 100 * fraction);
    }

    /** The chart as a PNG file. */
    byte[] png() {
        Graphics2D ruler = Ink.pen(Ink.page(1, 1));
        List<String> names =
                bars.stream().map(bar -> TokenText.shortened(bar.name(), 24)).toList();
        int left = Math.max(40, Ink.widest(ruler, Ink.LABEL, names) + GAP);
        int numbers =
                Ink.widest(ruler, Ink.LABEL, bars.stream().map(Bar::number).toList());
        int width = Math.max(left + WIDTH + 2 * GAP + numbers, Ink.width(ruler, Ink.TITLE, heading.title()));
        int head = heading.height(ruler, width);
        int height = bars.size() * HEIGHT;
        BufferedImage image = Ink.page(width + 2 * MARGIN, head + height + 2 * MARGIN);
        Graphics2D g = Ink.pen(image);
        g.translate(MARGIN, MARGIN);
        heading.draw(g, width);
        plot((Graphics2D) g.create(left, head, WIDTH, height), height);
        g.setColor(Palette.FRAME);
        int zero = left + (int) Math.round(place(0) * WIDTH);
        g.drawLine(zero, head, zero, head + height);
        g.setFont(Ink.LABEL);
        g.setColor(Palette.INK);
        for (int i = 0; i < bars.size(); i++) {
            int middle = head + i * HEIGHT + HEIGHT / 2;
            Ink.right(g, names.get(i), left - 6, middle);
            double value = bars.get(i).value();
            int end = left + (int) Math.round(place(Double.isNaN(value) ? 0 : Math.max(0, value)) * WIDTH);
            Ink.left(g, bars.get(i).number(), end + 6, middle + 4);
        }
        g.dispose();
        return Ink.png(image);
    }

    /** XChart gives all bars of a series one colour, so each side of zero is a chart of its own. */
    private void plot(Graphics2D g, int height) {
        int zero = (int) Math.round(place(0) * WIDTH);
        Graphics2D up = (Graphics2D) g.create();
        up.clipRect(zero, 0, WIDTH - zero, height);
        chart(height, 0, end).paint(up, WIDTH, height);
        up.dispose();
        if (hasNegative()) {
            Graphics2D down = (Graphics2D) g.create();
            down.clipRect(0, 0, zero, height);
            chart(height, -end, 0).paint(down, WIDTH, height);
            down.dispose();
        }
        g.dispose();
    }

    /** The part of each bar that lies between two numbers. */
    private HorizontalBarChart chart(int height, double from, double to) {
        HorizontalBarChart chart = new HorizontalBarChart(WIDTH, height);
        HorizontalBarStyler styler = chart.getStyler();
        styler.setLegendVisible(false);
        styler.setChartTitleVisible(false);
        styler.setAxisTicksVisible(false);
        styler.setAxisTitlesVisible(false);
        styler.setPlotGridLinesVisible(false);
        styler.setPlotBorderVisible(false);
        styler.setChartPadding(0);
        styler.setPlotMargin(0);
        styler.setPlotContentSize(1);
        styler.setAvailableSpaceFill(0.7);
        styler.setXAxisMin(start());
        styler.setXAxisMax(end);
        styler.setChartBackgroundColor(Palette.PAPER);
        styler.setPlotBackgroundColor(Palette.PAPER);
        styler.setSeriesColors(new Color[] {color(from < 0 ? -1 : 1)});
        List<Double> lengths = new ArrayList<>();
        List<Integer> places = new ArrayList<>();
        for (Bar bar : bars) {
            lengths.add(Double.isNaN(bar.value()) ? 0 : Math.min(to, Math.max(from, bar.value())));
            places.add(places.size());
        }
        chart.addSeries("bars", lengths, places);
        return chart;
    }
}
