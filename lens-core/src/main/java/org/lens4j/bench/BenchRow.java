package org.lens4j.bench;

import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.function.DoubleUnaryOperator;

/**
 * One thing that was timed.
 *
 * @param work what, with its tokens
 * @param milliseconds the median
 * @param flops floating-point operations of its products; empty where that says nothing
 * @param against what it is measured against, in the same minute
 * @param ratio its time by that one's, the median of pairs
 * @param goal what the ratio is to be; empty for none
 * @param reference TransformerLens's milliseconds; empty for none
 */
public record BenchRow(
        String work,
        double milliseconds,
        OptionalDouble flops,
        String against,
        double ratio,
        OptionalDouble goal,
        OptionalDouble reference) {
    /** Nothing but the times. */
    BenchRow(String work, Timing.Pair times, String against) {
        this(
                work,
                times.ours(),
                OptionalDouble.empty(),
                against,
                times.ratio(),
                OptionalDouble.empty(),
                OptionalDouble.empty());
    }

    BenchRow withFlops(double count) {
        return new BenchRow(work, milliseconds, OptionalDouble.of(count), against, ratio, goal, reference);
    }

    BenchRow withGoal(double most) {
        return new BenchRow(work, milliseconds, flops, against, ratio, OptionalDouble.of(most), reference);
    }

    BenchRow withReference(TransformerLensTime time) {
        return new BenchRow(work, milliseconds, flops, against, ratio, goal, OptionalDouble.of(time.milliseconds()));
    }

    /** GFLOP/s; empty where that says nothing. */
    public OptionalDouble speed() {
        return mapped(flops, it -> it / milliseconds / 1e6);
    }

    /** What the cells of a row are. */
    static List<String> heading() {
        return List.of(
                "work",
                "ms",
                "GFLOP/s",
                "of the product's",
                "ratio",
                "against",
                "goal",
                "of TransformerLens's",
                "at equal speed");
    }

    /**
     * The cells of a row of text.
     *
     * @param product GFLOP/s of a plain matrix product
     * @param graph milliseconds of one graph of 128 tokens in this run
     */
    List<String> cells(double product, double graph) {
        return List.of(
                work,
                text("%.1f", OptionalDouble.of(milliseconds)),
                text("%.0f", speed()),
                text("%.0f %%", mapped(speed(), it -> 100 * it / product)),
                text("%.2f", OptionalDouble.of(ratio)),
                against,
                text("%.2f", goal),
                text("%.2f", mapped(reference, it -> milliseconds / it)),
                text("%.2f", mapped(reference, it -> milliseconds / it * TransformerLensTime.GRAPH / graph)));
    }

    private static OptionalDouble mapped(OptionalDouble number, DoubleUnaryOperator change) {
        return number.isPresent() ? OptionalDouble.of(change.applyAsDouble(number.getAsDouble())) : number;
    }

    private static String text(String format, OptionalDouble number) {
        return number.isPresent() ? String.format(Locale.ROOT, format, number.getAsDouble()) : "";
    }
}
