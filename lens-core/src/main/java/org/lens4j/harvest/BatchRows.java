package org.lens4j.harvest;

import ai.djl.ndarray.NDArray;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToLongFunction;
import java.util.stream.LongStream;
import org.lens4j.cache.ActivationCache;
import org.lens4j.error.StateException;
import org.lens4j.harvest.HookColumns.HookColumn;
import org.lens4j.hook.Gate;
import org.lens4j.model.HookedModel;
import org.lens4j.model.RunOptions;
import org.lens4j.tensor.Kernels;
import org.lens4j.tensor.Scope;
import org.lens4j.text.PaddingSide;
import org.lens4j.text.Tokens;

/** The rows of one batch of contexts, in native memory until it is closed. */
final class BatchRows implements AutoCloseable {
    static final String DOCUMENT = "document";
    static final String CONTEXT = "context";
    static final String POSITION = "position";
    static final String TOKEN = "token";

    /** Any id of any vocabulary; padding is masked and makes no rows. */
    private static final long PADDING = 0;

    private final List<Context> contexts;
    private final Map<String, ByteBuffer> bytes = new LinkedHashMap<>();
    private final Scope scope = Scope.root();
    private final int count;

    private BatchRows(List<Context> contexts) {
        this.contexts = contexts;
        this.count = contexts.stream().mapToInt(it -> it.rows().length).sum();
    }

    /** Runs the contexts as one batch, no further than the last point needs. */
    static BatchRows of(HookedModel model, List<Context> contexts, List<HookColumn> hooks, HarvestOptions options) {
        BatchRows rows = new BatchRows(contexts);
        try {
            rows.run(model, hooks, options);
            return rows;
        } catch (RuntimeException | Error e) {
            rows.close();
            throw e;
        }
    }

    private void run(HookedModel model, List<HookColumn> hooks, HarvestOptions options) {
        Tokens tokens = Tokens.padded(
                PaddingSide.RIGHT, PADDING, contexts.stream().map(Context::ids).toArray(long[][]::new));
        List<String> names = hooks.stream().map(HookColumn::name).toList();
        try (ActivationCache cache = model.cache(tokens, runOptions(options).withCached(names))) {
            NDArray chosen = scope.longs(chosen(tokens.pos()), new ai.djl.ndarray.types.Shape(count));
            for (HookColumn hook : hooks) {
                NDArray selected = scope.adopt(
                        Kernels.call("token_rows", cache.get(hook.name()), chosen, scope.scalar(hook.width())));
                NDArray stored =
                        options.precision() == Precision.FLOAT16 ? Kernels.call("to_half", selected) : selected;
                requireFinite(hook, selected, stored);
                // The tensor's own memory, not a copy.
                bytes.put(hook.name(), stored.toByteBuffer(true).order(ByteOrder.LITTLE_ENDIAN));
                if (stored != selected) {
                    selected.close();
                }
            }
        }
        index(DOCUMENT, Context::document);
        index(CONTEXT, Context::index);
        put(POSITION, contexts.stream().flatMapToLong(it -> LongStream.of(longs(it.rows()))));
        put(TOKEN, contexts.stream().flatMapToLong(it -> LongStream.of(longs(it.rows()))
                .map(pos -> it.ids()[(int) pos])));
    }

    private static RunOptions runOptions(HarvestOptions options) {
        RunOptions run = RunOptions.defaults();
        for (Gate gate : options.gates()) {
            run = run.with(gate);
        }
        return run;
    }

    /** Where the rows stand among all positions of the batch. */
    private long[] chosen(int pos) {
        long[] chosen = new long[count];
        int next = 0;
        for (int sequence = 0; sequence < contexts.size(); sequence++) {
            for (int row : contexts.get(sequence).rows()) {
                chosen[next] = (long) sequence * pos + row;
                next++;
            }
        }
        return chosen;
    }

    private void requireFinite(HookColumn hook, NDArray computed, NDArray stored) {
        if (isFinite(stored)) {
            return;
        }
        String where = "documents %d to %d"
                .formatted(
                        contexts.stream().mapToLong(Context::document).min().orElseThrow(),
                        contexts.stream().mapToLong(Context::document).max().orElseThrow());
        if (!isFinite(computed)) {
            throw new StateException(
                    "%s is not finite somewhere in %s: the model computed infinity or NaN there. The harvest stopped before it wrote that; look at those texts with lens cache."
                            .formatted(hook.name(), where));
        }
        try (NDArray sizes = computed.abs();
                NDArray largest = sizes.max()) {
            throw new StateException(
                    "%s reaches %.0f in %s, and float16 ends at 65504. The harvest stopped before it wrote infinity. Use float32, or leave out the tokens around a text (--no-special), which are often the cause."
                            .formatted(hook.name(), largest.getFloat(), where));
        }
    }

    private static boolean isFinite(NDArray numbers) {
        try (NDArray finite = Kernels.call("all_finite", numbers)) {
            return finite.getBoolean();
        }
    }

    private static long[] longs(int[] numbers) {
        return java.util.Arrays.stream(numbers).asLongStream().toArray();
    }

    private void index(String name, ToLongFunction<Context> of) {
        put(name, contexts.stream().flatMapToLong(it -> LongStream.range(0, it.rows().length)
                .map(row -> of.applyAsLong(it))));
    }

    private void put(String name, LongStream numbers) {
        ByteBuffer column = ByteBuffer.allocate(count * Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        numbers.forEach(column::putLong);
        bytes.put(name, column.flip());
    }

    /** How many rows. */
    int count() {
        return count;
    }

    /** The bytes of some rows of every column; valid until this is closed. */
    Map<String, ByteBuffer> part(int from, int rows) {
        Map<String, ByteBuffer> part = new LinkedHashMap<>();
        bytes.forEach((name, column) -> {
            int rowBytes = column.limit() / count;
            part.put(name, column.slice(from * rowBytes, rows * rowBytes));
        });
        return part;
    }

    @Override
    public void close() {
        bytes.clear();
        scope.close();
    }
}
