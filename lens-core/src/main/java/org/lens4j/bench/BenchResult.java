package org.lens4j.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.stream.IntStream;
import org.lens4j.model.ComputeError;
import org.lens4j.model.HookCost;

/**
 * Everything that was timed.
 *
 * @param rows in order
 * @param graph milliseconds of one graph of 128 tokens, the median
 * @param product GFLOP/s of a float32 product of two 1024 x 1024 matrices, the fastest
 * @param hooks what passing a hook point costs
 * @param bfloat16 how far it is from float32
 * @param peak megabytes resident at the most; empty where the system does not say
 * @param weights megabytes of the model, of the graph and of the copies in bfloat16
 */
public record BenchResult(
        List<BenchRow> rows,
        double graph,
        double product,
        HookCost hooks,
        ComputeError bfloat16,
        OptionalDouble peak,
        long weights) {
    /** Copies the rows. */
    public BenchResult {
        rows = List.copyOf(rows);
    }

    /** As a table of Markdown with aligned columns, and a few lines below it. */
    public String table() {
        List<List<String>> lines = new ArrayList<>(List.of(BenchRow.heading()));
        rows.forEach(row -> lines.add(row.cells(product, graph)));
        List<Integer> widths = IntStream.range(0, lines.get(0).size())
                .map(column -> lines.stream()
                        .mapToInt(it -> it.get(column).length())
                        .max()
                        .orElse(0))
                .boxed()
                .toList();
        lines.add(1, widths.stream().map("-"::repeat).toList());
        StringBuilder text = new StringBuilder();
        for (List<String> line : lines) {
            for (int column = 0; column < line.size(); column++) {
                text.append(column == 0 ? "| " : " | ").append(padded(line.get(column), widths.get(column)));
            }
            text.append(" |\n");
        }
        return text.append(below()).toString();
    }

    private static String padded(String cell, int width) {
        return cell + " ".repeat(width - cell.length());
    }

    private String below() {
        return String.format(
                Locale.ROOT,
                """

                One graph of 128 tokens: %.0f ms, where TransformerLens was timed %.0f ms. The last column makes the two equal.
                A float32 product of two 1024 x 1024 matrices: %.0f GFLOP/s.
                A hook point with nothing attached: %.3f µs; while another one is cached: %.3f µs (goal 2).
                In bfloat16, %s.
                Memory resident at the most: %s, of which the weights (ours, the graph's, those in bfloat16) are %,d MB.
                """,
                graph,
                TransformerLensTime.GRAPH,
                product,
                hooks.quiet() / 1e3,
                hooks.beside() / 1e3,
                bfloat16,
                peak.isPresent() ? String.format(Locale.ROOT, "%,.0f MB", peak.getAsDouble()) : "not known here",
                weights);
    }
}
