package org.lens4j.model;

import ai.djl.ndarray.NDArray;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.lens4j.config.AttentionSpan;
import org.lens4j.config.ModelConfig;
import org.lens4j.config.PositionEmbedding;
import org.lens4j.hook.HookPoint;
import org.lens4j.tensor.Kernels;
import org.lens4j.tensor.Scope;

/**
 * What every block needs in one pass besides the residual stream: where the tokens stand, who may see whom, hooks, and what
 * earlier passes remembered. Masks and rotations are made once and live until the pass ends.
 */
final class Pass implements Sight {
    private final ModelConfig config;
    private final Constants constants;
    private final Scope scope;
    private final HookDispatch hooks;
    private final NDArray ids;
    private final Optional<NDArray> padding;
    private final Optional<KvCache> past;
    private final NDArray keyPositions;
    private final long before;
    private final Optional<NDArray> distanceBias;
    private final Map<AttentionSpan, NDArray> masks = new LinkedHashMap<>();
    private final Map<PositionEmbedding.Rotary, NDArray> turns = new LinkedHashMap<>();

    /**
     * Starts a pass.
     *
     * @param ids int64 {@code [batch pos]}
     * @param attended false at padding, bool {@code [batch pos]}; empty where there is none
     * @param past what earlier passes remembered; gets what this one makes
     * @param scope owns what is made here; must outlive the pass
     */
    Pass(
            ModelConfig config,
            Constants constants,
            NDArray ids,
            Optional<NDArray> attended,
            Optional<KvCache> past,
            HookDispatch hooks,
            Scope scope) {
        this(config, constants, ids, attended, past, Optional.empty(), hooks, scope);
    }

    /**
     * A pass of a stack that knows distances by a table.
     *
     * @param remembered the table, and what earlier passes read
     */
    static Pass withDistances(
            ModelConfig config,
            Constants constants,
            Read read,
            Remembered remembered,
            HookDispatch hooks,
            Scope scope) {
        return new Pass(
                config,
                constants,
                read.ids(),
                read.attended(),
                remembered.past(),
                Optional.of(remembered.distances()),
                hooks,
                scope);
    }

    /**
     * What one stack knows from before.
     *
     * @param distances the table, {@code [bucket head]}
     * @param past what earlier passes remembered; gets what this one makes
     */
    record Remembered(NDArray distances, Optional<KvCache> past) {}

    /**
     * What one stack is fed.
     *
     * @param ids int64 {@code [batch pos]}
     * @param attended false at padding, bool {@code [batch pos]}; empty where there is none
     */
    record Read(NDArray ids, Optional<NDArray> attended) {}

    private Pass(
            ModelConfig config,
            Constants constants,
            NDArray ids,
            Optional<NDArray> attended,
            Optional<KvCache> past,
            Optional<NDArray> distances,
            HookDispatch hooks,
            Scope scope) {
        this.config = config;
        this.constants = constants;
        this.scope = scope;
        this.hooks = hooks;
        this.ids = ids;
        this.past = past;
        this.before = past.map(KvCache::length).orElse(0L);
        this.padding = past.isPresent() ? past.get().attended(ids, attended, scope) : attended;
        this.keyPositions = padding.map(seen -> Kernels.call("positions_of_attended", seen))
                .orElseGet(() -> Kernels.call("positions", ids, constant(before)));
        this.distanceBias = config.positions() instanceof PositionEmbedding.Buckets buckets
                ? distances.map(it -> distanceBias(buckets, it))
                : Optional.empty();
    }

    /** Where only what is before a query is seen, all buckets are for that; otherwise half of them. */
    private NDArray distanceBias(PositionEmbedding.Buckets buckets, NDArray table) {
        NDArray most = constant(buckets.maxDistance());
        NDArray ahead = Kernels.call("keys_ahead", ids, constant(before));
        if (config.attention().causal()) {
            NDArray back = Kernels.call("steps_back", ahead);
            NDArray all = constant(buckets.count());
            return Kernels.call("bias_of_buckets", Kernels.call("bucket", back, all, most), table);
        }
        NDArray half = constant(buckets.count() / 2);
        NDArray near = Kernels.call("bucket", Kernels.call("steps", ahead), half, most);
        return Kernels.call("bias_of_buckets", Kernels.call("other_half_ahead", near, ahead, half), table);
    }

    @Override
    public HookDispatch hooks() {
        return hooks;
    }

    NDArray ids() {
        return ids;
    }

    /** Where this pass's tokens stand, padding left out, int64 {@code [batch pos]}, or {@code [1 pos]} where all agree. */
    NDArray positions() {
        return Kernels.call("last_columns", keyPositions, ids);
    }

    /** False at this pass's padding, bool {@code [batch pos]}; empty where there is none. */
    Optional<NDArray> attended() {
        return padding.map(it -> Kernels.call("last_columns", it, ids));
    }

    @Override
    public Optional<NDArray> distanceBias() {
        return distanceBias;
    }

    @Override
    public boolean seesWholeTexts() {
        return padding.isEmpty();
    }

    @Override
    public boolean isTriangular(int layer) {
        return before == 0 && config.attention().causal() && config.spans().get(layer) instanceof AttentionSpan.Global;
    }

    @Override
    public NDArray mask(int layer) {
        return masks.computeIfAbsent(config.spans().get(layer), span -> scope.adopt(mask(span)));
    }

    private NDArray mask(AttentionSpan span) {
        if (!config.attention().causal()) {
            return withoutPadding(Kernels.call("full_mask", ids, constant(before)));
        }
        long all = before + ids.getShape().get(1);
        long window = span instanceof AttentionSpan.Local local ? local.window() : all;
        if (padding.isEmpty() || window >= all) {
            return withoutPadding(Kernels.call("causal_mask", ids, constant(before), constant(window)));
        }
        // Padding may stand between remembered tokens and new ones, and counts no position.
        NDArray seen = withoutPadding(Kernels.call("causal_mask", ids, constant(before), constant(all)));
        return Kernels.call("near", seen, keyPositions, constant(window));
    }

    private NDArray withoutPadding(NDArray seen) {
        return padding.map(it -> Kernels.call("hide_padding", seen, it)).orElse(seen);
    }

    @Override
    public NDArray withPenalty(NDArray scores, NDArray slopes) {
        return Kernels.call("distance_penalty", scores, slopes, keyPositions);
    }

    @Override
    public boolean attendsAsProjected(int layer) {
        return past.isEmpty() && rotation(layer).isEmpty();
    }

    @Override
    public NDArray rotatedQueries(int layer, NDArray queries) {
        return rotation(layer)
                .map(it -> hooks.at(
                        HookPoint.ROT_Q,
                        layer,
                        Kernels.call(kernel(it), queries, Kernels.call("last_turns", turns(it), ids))))
                .orElse(queries);
    }

    @Override
    public NDArray rotatedKeys(int layer, NDArray keys) {
        return rotation(layer)
                .map(it -> hooks.at(HookPoint.ROT_K, layer, Kernels.call(kernel(it), keys, turns(it))))
                .orElse(keys);
    }

    private Optional<PositionEmbedding.Rotary> rotation(int layer) {
        return config.positions() instanceof PositionEmbedding.Rotary rotary
                ? Optional.of(rotary.in(config.spans().get(layer)))
                : Optional.empty();
    }

    private static String kernel(PositionEmbedding.Rotary rotary) {
        return rotary.adjacentPairs() ? "rotate_adjacent" : "rotate_halves";
    }

    private NDArray turns(PositionEmbedding.Rotary rotary) {
        return turns.computeIfAbsent(
                rotary, it -> scope.adopt(Kernels.call("turns", keyPositions, constants.frequencies(it))));
    }

    @Override
    public KvCache.Entry remember(int layer, NDArray keys, NDArray values) {
        return past.map(it -> it.append(layer, keys, values)).orElseGet(() -> new KvCache.Entry(keys, values));
    }

    private NDArray constant(long value) {
        return scope.scalar(value);
    }
}
