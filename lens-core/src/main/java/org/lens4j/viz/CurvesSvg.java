package org.lens4j.viz;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.lens4j.viz.Curves.Curve;

/** {@link Curves} as SVG for the {@link Script}: its points say their numbers, and its words have the page's own colour. */
final class CurvesSvg {
    private static final int WIDTH = 760;
    private static final int HEIGHT = 300;
    private static final int TOP = 10;
    private static final int CHARACTER = 7;
    private static final int TICKS = 5;
    /** More points than this are told by their curve's line only every so often. */
    private static final int MOST_TOLD = 1200;

    private final Curves curves;
    private final double low;
    private final double step;
    private final double high;
    private final int left;
    private final StringBuilder out = new StringBuilder();

    private CurvesSvg(Curves curves) {
        this.curves = curves;
        double[] finite = curves.curves().stream()
                .flatMap(curve -> curve.points().stream())
                .filter(Float::isFinite)
                .mapToDouble(Float::doubleValue)
                .toArray();
        double least = finite.length == 0 ? 0 : Arrays.stream(finite).min().orElse(0);
        double most = finite.length == 0 ? 1 : Arrays.stream(finite).max().orElse(1);
        // Zero belongs to the picture where it is not far.
        double from = least > 0 && least < most / 2 ? 0 : least;
        this.step = round((most - from) / TICKS, Math.max(Math.abs(most), 1e-9));
        this.low = Math.floor(from / step) * step;
        this.high = Math.max(low + step, Math.ceil(most / step) * step);
        int numbers =
                10 + CHARACTER * ticks().stream().mapToInt(String::length).max().orElse(1);
        // The first label, if it is slanted, reaches to the left of its point.
        int first = curves.counts() ? 0 : 6 * TextTable.width(label(0));
        this.left = Math.max(numbers, first);
    }

    private String label(int point) {
        return TokenText.shortened(curves.x().labels().get(point));
    }

    /** The heading and the curves. */
    static String of(Curves curves) {
        return new CurvesSvg(curves).html();
    }

    /** The next of 1, 2 and 5 times a power of ten. */
    private static double round(double raw, double size) {
        double at = raw > size * 1e-9 ? raw : size;
        double power = Math.pow(10, Math.floor(Math.log10(at)));
        double digit = at / power;
        return power * (digit <= 1 ? 1 : digit <= 2 ? 2 : digit <= 5 ? 5 : 10);
    }

    private List<String> ticks() {
        List<String> ticks = new ArrayList<>();
        for (double at = low; at <= high + step / 2; at += step) {
            ticks.add(Numerals.significant(Math.rint(at / step) * step, 3));
        }
        return ticks;
    }

    private double x(int point) {
        return left + (curves.points() == 1 ? WIDTH / 2.0 : (WIDTH - 10.0) * point / (curves.points() - 1));
    }

    private double y(double value) {
        return TOP + HEIGHT * (1 - (value - low) / (high - low));
    }

    private String html() {
        int longest = IntStream.range(0, curves.points())
                .map(point -> TextTable.width(label(point)))
                .max()
                .orElse(1);
        boolean slanted = longest * CHARACTER > WIDTH / Math.max(1, curves.points()) && !curves.counts();
        int below = slanted ? 20 + longest * 5 : 24;
        add(
                "<div style=\"overflow-x:auto\"><svg style=\"width:%dpx;height:%dpx\" role=\"group\" aria-label=\"%s\">",
                left + WIDTH + 20,
                TOP + HEIGHT + below,
                TokenText.html(curves.heading().title()));
        yAxis();
        xAxis(slanted, longest);
        for (int i = 0; i < curves.curves().size(); i++) {
            curve(i, curves.curves().get(i));
        }
        out.append("</svg></div>");
        return curves.heading().html() + out + legend();
    }

    private void yAxis() {
        List<String> ticks = ticks();
        for (int i = 0; i < ticks.size(); i++) {
            double y = y(low + i * step);
            add(
                    "<path d=\"M%d %.1fH%d\" stroke=\"currentColor\" opacity=\"0.2\" />"
                            + "<text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%s</text>",
                    left, y, left + WIDTH, left - 6, y + 4, ticks.get(i));
        }
    }

    private void xAxis(boolean slanted, int longest) {
        int pitch = slanted ? 16 : longest * CHARACTER + 12;
        double fits = pitch * (double) curves.points() / WIDTH;
        int every = (int) Math.max(1, curves.counts() ? round(fits, fits) : Math.ceil(fits));
        for (int i = 0; i < curves.points(); i += every) {
            String turn = slanted
                    ? String.format(
                            Locale.ROOT,
                            " transform=\"rotate(-45 %.1f %d)\" text-anchor=\"end\"",
                            x(i),
                            TOP + HEIGHT + 14)
                    : " text-anchor=\"middle\"";
            add("<text x=\"%.1f\" y=\"%d\"%s>%s</text>", x(i), TOP + HEIGHT + 16, turn, TokenText.html(label(i)));
        }
    }

    private void curve(int index, Curve curve) {
        String color = Palette.hex(curves.color(index));
        StringBuilder path = new StringBuilder();
        boolean drawing = false;
        for (int i = 0; i < curve.points().size(); i++) {
            float value = curve.points().get(i);
            if (Float.isFinite(value)) {
                path.append(String.format(Locale.ROOT, "%s%.1f %.1f", drawing ? "L" : "M", x(i), y(value)));
            }
            drawing = Float.isFinite(value);
        }
        add("<path d=\"%s\" fill=\"none\" stroke=\"%s\" stroke-width=\"2\"%s />", path, color, dashed(index));
        int every = Math.max(1, curves.points() * curves.curves().size() / MOST_TOLD);
        for (int i = 0; i < curve.points().size(); i += every) {
            float value = curve.points().get(i);
            if (Float.isFinite(value)) {
                String name = curve.name().isEmpty() ? "" : curve.name() + ", ";
                String tip = name + AxisWord.before(curves.x())
                        + curves.x().labels().get(i) + " : " + Numerals.significant(value);
                add(
                        "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"%s\" fill=\"%s\" data-tip=\"%s\" />",
                        x(i), y(value), curves.marked() ? "4" : "2.5", color, TokenText.html(tip));
            }
        }
    }

    private String dashed(int index) {
        return curves.dashes(index).isEmpty()
                ? ""
                : " stroke-dasharray=\"%s\""
                        .formatted(curves.dashes(index).stream()
                                .map(String::valueOf)
                                .collect(Collectors.joining(" ")));
    }

    private String legend() {
        if (curves.curves().size() == 1) {
            return "";
        }
        StringBuilder legend = new StringBuilder("<div>");
        for (int i = 0; i < curves.curves().size(); i++) {
            legend.append(
                            "<span style=\"white-space:nowrap;margin:0 14px 0 0\"><svg style=\"width:34px;height:10px\" aria-hidden=\"true\">")
                    .append("<path d=\"M2 5H32\" stroke-width=\"3\" stroke=\"")
                    .append(Palette.hex(curves.color(i)))
                    .append('"')
                    .append(dashed(i))
                    .append(" /></svg> ")
                    .append(TokenText.html(curves.curves().get(i).name()))
                    .append("</span> ");
        }
        return legend.append("</div>").toString();
    }

    private void add(String template, Object... values) {
        out.append(String.format(Locale.ROOT, template, values));
    }
}
