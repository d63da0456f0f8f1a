package org.lens4j.cache;

import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.lens4j.error.CheckpointException;
import org.lens4j.hook.HookCatalogue;
import org.lens4j.hook.HookName;
import org.lens4j.hook.HookPoint;
import org.lens4j.hook.Stack;
import org.lens4j.tensor.Scope;
import org.lens4j.text.Tokens;
import org.lens4j.weights.Checkpoint;
import org.lens4j.weights.FloatReader;
import org.lens4j.weights.StoredType;
import org.lens4j.weights.TensorEntry;

/** Reads a file of activations as a cache. */
final class CacheFile {
    private static final Set<String> IDS = Set.of(CacheWriter.TOKENS, CacheWriter.DECODER_TOKENS);

    private static final List<HookPoint> POINTS = List.of(HookPoint.values());
    private static final List<Stack> STACKS = List.of(Stack.values());

    private final Checkpoint file;

    private CacheFile(Checkpoint file) {
        this.file = file;
    }

    static ActivationCache open(Path path, Names names) {
        Checkpoint file = Checkpoint.open(path);
        List<String> activations = inFiringOrder(file, names);
        if (activations.isEmpty()) {
            throw new CheckpointException(
                    "%s holds no activations besides %s. Write one with CacheWriter, or ./lens cache."
                            .formatted(path, file.names()));
        }
        CacheFile reader = new CacheFile(file);
        Store store = new Store(Scope.root(), CacheOptions.defaults());
        activations.forEach(name -> store.put(reader.slot(file.entry(name))));
        return new ActivationCache(store, names, reader.tokens());
    }

    /** Python's writer sorts by type and name, so the file's order says nothing. */
    private static List<String> inFiringOrder(Checkpoint file, Names names) {
        List<HookName> all = names.hooks().map(HookCatalogue::all).orElse(List.of());
        return file.names().stream()
                .filter(it -> !IDS.contains(it))
                .map(it -> new Placed(it, names.hook(it), all))
                .sorted(Comparator.comparingInt(Placed::phase)
                        .thenComparingInt(Placed::layer)
                        .thenComparingInt(Placed::point))
                .map(Placed::name)
                .toList();
    }

    /**
     * A name, and what is known of when it fires.
     *
     * @param phase before the blocks, in one of the stacks, behind them, or unknown
     * @param layer of the block
     * @param point in the block
     */
    private record Placed(String name, int phase, int layer, int point) {
        private static final int BEHIND = 1 + STACKS.size();

        Placed(String name, Optional<HookName> hook, List<HookName> all) {
            this(
                    name,
                    hook.map(Placed::phaseOf).orElse(BEHIND + 1),
                    hook.map(HookName::layer).orElse(0),
                    hook.map(it -> all.isEmpty() ? POINTS.indexOf(it.point()) : all.indexOf(it))
                            .orElse(0));
        }

        private static int phaseOf(HookName hook) {
            if (hook.point().inBlock()) {
                // The attention to the encoder is in the decoder's blocks.
                return 1 + STACKS.indexOf(hook.stack() == Stack.CROSS ? Stack.DECODER : hook.stack());
            }
            return hook.point().afterBlocks() ? BEHIND : 0;
        }
    }

    private Slot slot(TensorEntry entry) {
        boolean integer = entry.type() == StoredType.I64 || entry.type() == StoredType.I32;
        Shape shape = new Shape(entry.dimensions());
        return Slot.of(
                entry.name(),
                shape,
                integer ? DataType.INT64 : DataType.FLOAT32,
                scope -> integer ? scope.longs(longs(entry), shape) : FloatReader.copied(file, entry.name(), scope));
    }

    private long[] longs(TensorEntry entry) {
        ByteBuffer bytes = file.bytes(entry.name()).order(ByteOrder.LITTLE_ENDIAN);
        long[] values = new long[Math.toIntExact(entry.count())];
        for (int i = 0; i < values.length; i++) {
            values[i] = entry.type() == StoredType.I64 ? bytes.getLong() : bytes.getInt();
        }
        return values;
    }

    private Optional<Tokens> tokens() {
        if (!file.has(CacheWriter.TOKENS)) {
            return Optional.empty();
        }
        TensorEntry entry = file.entry(CacheWriter.TOKENS);
        boolean ids = entry.type() == StoredType.I64 || entry.type() == StoredType.I32;
        if (!ids || entry.shape().size() != 2 || entry.count() == 0) {
            return Optional.empty();
        }
        int pos = Math.toIntExact(entry.shape().get(1));
        long[][] rows = new long[Math.toIntExact(entry.shape().get(0))][pos];
        long[] all = longs(entry);
        for (int i = 0; i < all.length; i++) {
            rows[i / pos][i % pos] = all[i];
        }
        return Optional.of(Tokens.of(rows));
    }
}
