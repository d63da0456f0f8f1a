package org.lens4j.analysis.patching;

/**
 * A way from a part of the model that writes to the residual stream to one that reads it.
 *
 * @param writer {@code embed}, {@code L0H3} or {@code MLP0}
 * @param reader {@code L1H2.q}, {@code L1H2.k}, {@code L1H2.v}, {@code MLP1} or {@code logits}
 * @param score by how much the metric would change if the reader read the corrupted run's writer, estimated
 */
public record Edge(String writer, String reader, float score) {
    @Override
    public String toString() {
        return "%s -> %s %.4f".formatted(writer, reader, score);
    }
}
