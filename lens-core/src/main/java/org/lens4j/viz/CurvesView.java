package org.lens4j.viz;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.knowm.xchart.internal.chartpart.Chart;
import org.lens4j.analysis.Axis;
import org.lens4j.analysis.Grid;
import org.lens4j.error.ShapeException;
import org.lens4j.viz.TextTable.Side;

/**
 * Numbers along an axis as curves: loss over steps, entropy or divergence over layers or positions.
 *
 * <pre>{@code
 * Rendering one = CurvesView.of(losses);                          // [step]
 * Rendering several = CurvesView.of(reading.kl());                // [component pos]: one curve for each component
 * Rendering training = CurvesView.ofSteps("Loss", "nats", loop.run(..));
 * Chart<?, ?> chart = CurvesView.toXChart(losses);                // to go on with XChart
 * }</pre>
 */
public final class CurvesView {
    private static final int MOST_CURVES = 24;
    private static final int MOST_POINTS = 400;
    private static final int TEXT_ROWS = 24;
    private static final int TEXT_COLUMNS = 8;

    private CurvesView() {}

    /**
     * A curve, or one for each index of the first axis. A long one is shown by means of several numbers each, with a note.
     *
     * @param grid {@code [x]} or {@code [curve x]}; NaN is a gap
     * @throws ShapeException if it has another number of axes
     */
    public static Rendering of(Grid grid) {
        Curves curves = curves(grid);
        if (curves.points() == 0 || curves.curves().isEmpty()) {
            return Rendering.of(grid.title() + ": nothing to show");
        }
        return Figure.of(alt(grid, curves), curves.png(), text(curves), CurvesSvg.of(curves))
                .rendering();
    }

    /**
     * One number for each step of a training.
     *
     * @param title what is shown
     * @param unit what one number is
     * @param values first step first
     */
    public static Rendering ofSteps(String title, String unit, List<Float> values) {
        float[] numbers = new float[values.size()];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = values.get(i);
        }
        return of(new Grid(title, unit, List.of(Axis.counted("step", numbers.length)), numbers));
    }

    /**
     * The curves as an XChart line chart.
     *
     * @param grid {@code [x]} or {@code [curve x]}; NaN is a gap
     * @throws ShapeException if it has another number of axes
     */
    public static Chart<?, ?> toXChart(Grid grid) {
        return curves(grid).chart();
    }

    private static Curves curves(Grid grid) {
        if (grid.rank() < 1 || grid.rank() > 2) {
            throw new ShapeException(
                    "Curves need the axes [x] or [curve x], \"%s\" has %s. Fix the others with slice(axis, index)."
                            .formatted(grid.title(), grid.shape()));
        }
        Axis x = grid.axes().get(grid.rank() - 1);
        Axis names = grid.rank() == 2 ? grid.axes().get(0) : new Axis("", List.of(""));
        int shown = Math.min(MOST_CURVES, names.size());
        int step = Math.max(1, (x.size() + MOST_POINTS - 1) / MOST_POINTS);
        List<String> notes = new ArrayList<>(List.of("across: %s, up: %s".formatted(x.name(), grid.unit())));
        if (shown < names.size()) {
            notes.add("Shown: the first %d of %d along %s.".formatted(shown, names.size(), names.name()));
        }
        if (step > 1) {
            notes.add("Downsampled: each point is the mean of %d.".formatted(step));
        }
        float[] values = grid.values();
        List<Curves.Curve> all = new ArrayList<>();
        for (int i = 0; i < shown; i++) {
            int curve = i;
            List<Float> points = IntStream.iterate(0, at -> at < x.size(), at -> at + step)
                    .mapToObj(at -> mean(values, curve * x.size() + at, Math.min(step, x.size() - at)))
                    .toList();
            String label = names.labels().get(i);
            all.add(new Curves.Curve(label.matches("\\d+") ? names.name() + " " + label : label, points));
        }
        List<String> labels = IntStream.iterate(0, at -> at < x.size(), at -> at + step)
                .mapToObj(x.labels()::get)
                .toList();
        return new Curves(
                Heading.of(grid.title(), notes.toArray(String[]::new)), new Axis(x.name(), labels), grid.unit(), all);
    }

    private static float mean(float[] values, int from, int count) {
        double sum = 0;
        int there = 0;
        for (int i = from; i < from + count; i++) {
            if (Float.isFinite(values[i])) {
                sum += values[i];
                there++;
            }
        }
        return there == 0 ? Float.NaN : (float) (sum / there);
    }

    private static String text(Curves curves) {
        List<Side> sides = new ArrayList<>(List.of(Side.LEFT));
        List<String> header = new ArrayList<>(List.of(curves.x().name()));
        List<Curves.Curve> shown = curves.curves()
                .subList(0, Math.min(TEXT_COLUMNS, curves.curves().size()));
        shown.forEach(curve -> {
            sides.add(Side.RIGHT);
            header.add(curve.name().isEmpty() ? curves.unit() : TokenText.shortened(curve.name()));
        });
        TextTable table = new TextTable(sides).row(header);
        int step = Math.max(1, (curves.points() + TEXT_ROWS - 1) / TEXT_ROWS);
        for (int point = 0; point < curves.points(); point += step) {
            List<String> row = new ArrayList<>(
                    List.of(TokenText.shortened(curves.x().labels().get(point))));
            int at = point;
            shown.forEach(curve -> row.add(Numerals.significant(curve.points().get(at))));
            table.row(row);
        }
        String left = shown.size() < curves.curves().size()
                ? " The first %d of %d curves."
                        .formatted(shown.size(), curves.curves().size())
                : "";
        return "%s (%s)%s%s\n%s"
                .formatted(
                        curves.heading().title(),
                        curves.unit(),
                        step > 1 ? " Shown: one point of every %d.".formatted(step) : "",
                        left,
                        table.text());
    }

    private static String alt(Grid grid, Curves curves) {
        List<Float> first = curves.curves().get(0).points();
        return "%s: %s along %s. %sfrom %s to %s."
                .formatted(
                        grid.title(),
                        curves.curves().size() == 1
                                ? "a curve"
                                : curves.curves().size() + " curves",
                        curves.x().name(),
                        curves.curves().size() == 1 ? "It goes " : "The first goes ",
                        Numerals.significant(first.get(0), 3),
                        Numerals.significant(first.get(first.size() - 1), 3));
    }
}
