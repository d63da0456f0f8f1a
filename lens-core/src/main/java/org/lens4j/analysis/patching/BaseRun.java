package org.lens4j.analysis.patching;

import ai.djl.ndarray.NDArray;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.IntStream;
import org.lens4j.hook.HookName;
import org.lens4j.hook.HookPoint;
import org.lens4j.model.HookedTransformer;
import org.lens4j.model.KvCache;
import org.lens4j.model.Run;
import org.lens4j.model.RunOptions;
import org.lens4j.tensor.Kernels;
import org.lens4j.tensor.Scope;
import org.lens4j.text.Tokens;

/**
 * The run that is patched, as it is without a patch: the residual stream before every block, where restarts begin, and the
 * keys and values that stand before the first position a patch can change.
 */
final class BaseRun implements AutoCloseable {
    private final HookedTransformer model;
    private final Tokens tokens;
    private final Run run;
    private final KvCache past;
    private final Map<Integer, Tokens> cut = new LinkedHashMap<>();

    private BaseRun(HookedTransformer model, Tokens tokens, Run run, KvCache past) {
        this.model = model;
        this.tokens = tokens;
        this.run = run;
        this.past = past;
    }

    /** Runs it, up to the last block's end. */
    static BaseRun of(HookedTransformer model, Tokens tokens) {
        KvCache past = new KvCache();
        try {
            RunOptions options = RunOptions.defaults()
                    .withCached("blocks.*.hook_resid_pre")
                    .withPast(past)
                    .stopAtLayer(model.config().nLayers());
            return new BaseRun(model, tokens, model.run(tokens, options), past);
        } catch (RuntimeException | Error e) {
            past.close();
            throw e;
        }
    }

    Tokens tokens() {
        return tokens;
    }

    /** The residual stream after the last block, {@code [prompt pos d_model]}; belongs to this run. */
    NDArray residual() {
        return run.residual();
    }

    /** The residual stream before a block, {@code [prompt pos d_model]}, owned by the scope. */
    NDArray residual(int layer, Scope scope) {
        return layer == model.config().nLayers()
                ? scope.alias(run.residual())
                : run.cache().copy(new HookName(HookPoint.RESID_PRE, layer).full(), scope);
    }

    /** The same from a position on, so many times over: {@code [times·prompt pos d_model]}, owned by the scope. */
    NDArray residual(int layer, int start, int times, Scope scope) {
        NDArray part = SliceWriter.from(start, residual(layer, scope), HookPoint.RESID_PRE.axes());
        return Kernels.call("repeat_batch", part, scope.scalar((long) times));
    }

    /** The tokens from a position on, so many times over. */
    Tokens tokens(int start, int times) {
        return PatchMetric.repeated(cut.computeIfAbsent(start, this::from), times);
    }

    private Tokens from(int start) {
        long[][] ids = new long[tokens.batch()][];
        boolean[][] attended = new boolean[tokens.batch()][];
        for (int row = 0; row < ids.length; row++) {
            int prompt = row;
            ids[row] = tokens.ids(row).subList(start, tokens.pos()).stream()
                    .mapToLong(it -> it)
                    .toArray();
            attended[row] = new boolean[ids[row].length];
            for (int pos = 0; pos < attended[row].length; pos++) {
                attended[row][pos] = tokens.isAttended(prompt, start + pos);
            }
        }
        return Tokens.of(ids).withAttended(attended);
    }

    /** A layer's keys and values before a position, so many times over; owned by the caller. */
    KvCache past(int layer, int start, int times) {
        return past.start(
                layer,
                start,
                IntStream.range(0, tokens.batch() * times)
                        .map(row -> row % tokens.batch())
                        .toArray());
    }

    @Override
    public void close() {
        run.close();
        past.close();
    }
}
