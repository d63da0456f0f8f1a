package org.lens4j.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.lens4j.config.AttentionSpan;
import org.lens4j.config.ModelConfig;
import org.lens4j.config.PositionEmbedding;
import org.lens4j.tensor.Scope;

/** Numbers the components need as tensors: made once, beside the parameters, before their scope is capped. */
final class Constants {
    private final Scope scope;
    private final NDArray eps;
    private final Optional<NDArray> logitCap;
    private final Map<PositionEmbedding.Rotary, NDArray> frequencies = new LinkedHashMap<>();

    Constants(ModelConfig config, Scope scope) {
        this.scope = scope;
        this.eps = scope.scalar(config.eps());
        this.logitCap = config.logitSoftcap() > 0 ? Optional.of(scope.scalar(config.logitSoftcap())) : Optional.empty();
        if (config.positions() instanceof PositionEmbedding.Rotary rotary) {
            for (AttentionSpan span : config.spans()) {
                frequencies.computeIfAbsent(rotary.in(span), this::angles);
            }
        }
    }

    /** What every norm adds to the variance, rank 0. */
    NDArray eps() {
        return eps;
    }

    /** What logits are squeezed below, rank 0; empty for not at all. */
    Optional<NDArray> logitCap() {
        return logitCap;
    }

    /** A float32 number, rank 0. */
    NDArray number(float value) {
        return scope.scalar(value);
    }

    /** An int64 number, rank 0. */
    NDArray whole(long value) {
        return scope.scalar(value);
    }

    /** The angle per position of each pair of dimensions, {@code [pair]}. */
    NDArray frequencies(PositionEmbedding.Rotary rotary) {
        return Objects.requireNonNull(frequencies.get(rotary));
    }

    private NDArray angles(PositionEmbedding.Rotary rotary) {
        int pairs = rotary.dim() / 2;
        float[] perPosition = new float[pairs];
        for (int i = 0; i < pairs; i++) {
            perPosition[i] = (float) rotary.scaling().scaled(Math.pow(rotary.base(), -2.0 * i / rotary.dim()));
        }
        return scope.floats(perPosition, new Shape(pairs));
    }

    /**
     * How steeply each head's scores fall with distance: a geometric series over the heads. Where their number is no power
     * of two, the series of the next smaller power is filled up with every other value of the next larger one, as Bloom and
     * MPT do; TransformerLens has the formula for powers of two only.
     *
     * @return {@code [head]}
     */
    NDArray slopes(int nHeads) {
        int power = Integer.highestOneBit(nHeads);
        float[] slopes = new float[nHeads];
        for (int head = 0; head < nHeads; head++) {
            double step = head < power ? (head + 1.0) / power : (2.0 * (head - power) + 1) / (2.0 * power);
            slopes[head] = (float) Math.pow(2, -8 * step);
        }
        return scope.floats(slopes, new Shape(nHeads));
    }
}
