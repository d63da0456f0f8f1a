package org.lens4j.viz;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.lens4j.analysis.Grid;
import org.lens4j.analysis.residual.LogitAttribution;
import org.lens4j.error.RangeException;
import org.lens4j.viz.BarChart.Bar;
import org.lens4j.viz.TextTable.Side;

/**
 * Named numbers as bars from zero, blue to the right and red to the left: what each component adds to a logit, for example.
 *
 * <pre>{@code
 * Rendering shown = BarsView.of(LogitAttribution.of(model, prompt, answers, LogitAttribution.By.LAYER));
 * Rendering strongest = BarsView.strongest(heads, 20);       // [layer head]
 * }</pre>
 */
public final class BarsView {
    private static final int MOST = 60;
    private static final int STRONGEST = 20;
    private static final int TEXT_BAR = 24;

    private BarsView() {}

    /**
     * All numbers in their order; of more than 60 those furthest from zero.
     *
     * @param grid any number of axes; the labels of a number's place are its name
     */
    public static Rendering of(Grid grid) {
        return grid.values().length > MOST ? strongest(grid, MOST) : shown(grid, all(grid));
    }

    /**
     * The numbers furthest from zero, largest size first.
     *
     * @param grid any number of axes
     * @param most how many at most, at least 1
     * @throws RangeException if none is asked for
     */
    public static Rendering strongest(Grid grid, int most) {
        return shown(grid, strongestOf(grid, most));
    }

    /**
     * The mean over the prompts of a direct logit attribution, and its total.
     *
     * @param attribution by layer: all parts in their order; by head, neuron or component: the strongest 20; by position, where
     *     every component has several, a heat map
     */
    public static Rendering of(LogitAttribution attribution) {
        Grid mean = attribution.mean();
        if (mean.axes().get(mean.rank() - 1).name().equals("source_pos")) {
            return GridView.of(mean, attribution.notes());
        }
        float[] values = mean.values();
        boolean few = mean.rank() == 1 && values.length <= MOST;
        int[] places = few ? all(mean) : strongestOf(mean, STRONGEST);
        double sum = IntStream.of(places).mapToDouble(flat -> values[flat]).sum();
        return shown(mean, places, attribution.notes(), String.format(Locale.ROOT, ", which add %.3f", sum));
    }

    private static int[] all(Grid grid) {
        return IntStream.range(0, grid.values().length).toArray();
    }

    private static int[] strongestOf(Grid grid, int most) {
        if (most < 1) {
            throw new RangeException(
                    "%d bars of \"%s\" are asked for. Ask for at least 1.".formatted(most, grid.title()));
        }
        float[] values = grid.values();
        return IntStream.range(0, values.length)
                .filter(flat -> !Float.isNaN(values[flat]))
                .boxed()
                .sorted(Comparator.comparingDouble(flat -> -Math.abs(values[flat])))
                .limit(most)
                .mapToInt(Integer::intValue)
                .toArray();
    }

    private static Rendering shown(Grid grid, int[] places) {
        return shown(grid, places, List.of(), "");
    }

    /** The bars, with what there is to say, and what is to be said of a part where it is not all. */
    private static Rendering shown(Grid grid, int[] places, List<String> more, String ofPart) {
        float[] values = grid.values();
        List<String> notes = new ArrayList<>(more);
        if (places.length < values.length) {
            notes.add("Shown: the strongest %d of %d%s.".formatted(places.length, values.length, ofPart));
        }
        if (places.length == 0) {
            return Rendering.of(grid.title() + ": nothing to show");
        }
        double end = IntStream.of(places)
                .mapToDouble(flat -> Math.abs(values[flat]))
                .filter(Double::isFinite)
                .max()
                .orElse(0);
        List<Bar> bars = new ArrayList<>();
        for (int flat : places) {
            String name = HeadNames.name(grid, flat);
            bars.add(new Bar(
                    name,
                    values[flat],
                    Numerals.aligned(values[flat], end),
                    "%s : %s %s".formatted(name, Numerals.significant(values[flat]), grid.unit())));
        }
        String unit = IntStream.of(places).anyMatch(flat -> values[flat] < 0)
                ? grid.unit() + " (blue = up, red = down)"
                : grid.unit();
        List<String> below = List.copyOf(notes);
        notes.add(0, unit);
        Heading heading = Heading.of(grid.title(), notes.toArray(String[]::new));
        BarChart chart = new BarChart(heading, bars, end > 0 ? end : 1);
        return Figure.of(alt(grid, bars), chart.png(), text(grid, bars, end, below), chart.html())
                .rendering();
    }

    private static String text(Grid grid, List<Bar> bars, double end, List<String> notes) {
        TextTable table = new TextTable(List.of(Side.LEFT, Side.RIGHT, Side.LEFT));
        for (Bar bar : bars) {
            int length = end > 0 && !Double.isNaN(bar.value())
                    ? (int) Math.min(TEXT_BAR, Math.round(Math.abs(bar.value()) / end * TEXT_BAR))
                    : 0;
            table.row(bar.name(), bar.number(), (bar.value() < 0 ? "-" : "█").repeat(length));
        }
        return Stream.concat(Stream.of("%s (%s)".formatted(grid.title(), grid.unit()), table.text()), notes.stream())
                .collect(Collectors.joining("\n"));
    }

    private static String alt(Grid grid, List<Bar> bars) {
        Bar most = bars.stream()
                .max(Comparator.comparingDouble(bar -> Double.isNaN(bar.value()) ? -1 : Math.abs(bar.value())))
                .orElseThrow();
        return "%s: %d bars of %s. Strongest: %s, %s."
                .formatted(grid.title(), bars.size(), grid.unit(), most.name(), most.number());
    }
}
