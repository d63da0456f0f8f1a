package org.lens4j.cache;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;
import org.lens4j.error.UsageException;
import org.lens4j.tensor.Scope;
import org.lens4j.text.Tokens;
import org.lens4j.weights.SafetensorsWriter;
import org.lens4j.weights.StoredType;

/**
 * Writes a cache as a safetensors file: {@code tokens}, then every activation under its hook name, in firing order. Python
 * reads it with {@code safetensors.torch.load_file}.
 *
 * <pre>{@code
 * try (Run run = model.runWithCache(tokens)) {
 *     CacheWriter.of(run.cache()).with("logits", run.logits()).write(Path.of("activations.safetensors"));
 * }
 * }</pre>
 *
 * <p>Immutable. Holds handles to the tensors it was given: write before the cache is closed. One activation at a time is
 * copied, so writing takes the memory of the largest on top of the cache, and reads what lies in files. A cache stored as
 * float16 is written so.
 */
public final class CacheWriter {
    /** The name of the token ids in the file, int64 {@code [batch pos]}. */
    public static final String TOKENS = "tokens";

    /** What to call the ids a decoder of its own was fed, in models of two stacks. */
    public static final String DECODER_TOKENS = "decoder_tokens";

    private final Optional<Tokens> tokens;
    private final Map<String, Source> tensors;

    private CacheWriter(Optional<Tokens> tokens, Map<String, Source> tensors) {
        this.tokens = tokens;
        this.tensors = tensors;
    }

    /** A tensor that is copied when it is its turn. */
    private record Source(Shape shape, DataType type, Function<Scope, NDArray> copy) {}

    /** A writer of everything a cache holds. */
    public static CacheWriter of(ActivationCache cache) {
        Map<String, Source> tensors = new LinkedHashMap<>();
        Store store = cache.store();
        for (String name : cache.names()) {
            Slot slot = store.slot(name);
            tensors.put(name, new Source(slot.shape(), slot.stored(), scope -> store.storedCopy(name, scope)));
        }
        return new CacheWriter(cache.fed(), tensors);
    }

    /**
     * Writes another tensor too, before the activations.
     *
     * @param name what to call it in the file, for example {@code logits}
     * @param tensor float32, float16 or int64; stays with its owner
     * @throws UsageException if something of that name is written already
     */
    public CacheWriter with(String name, NDArray tensor) {
        if (name.equals(TOKENS) || tensors.containsKey(name)) {
            throw new UsageException(
                    "The file has a tensor \"%s\" already. Give this one another name.".formatted(name));
        }
        Map<String, Source> more = new LinkedHashMap<>();
        more.put(name, new Source(tensor.getShape(), tensor.getDataType(), scope -> scope.copy(tensor)));
        more.putAll(tensors);
        return new CacheWriter(tokens, more);
    }

    /** The names the file will have, in its order. */
    public List<String> names() {
        return Stream.concat(tokens.map(it -> TOKENS).stream(), tensors.keySet().stream())
                .toList();
    }

    /**
     * Writes the file beside its place and moves it there, so that a reader never sees half of it.
     *
     * @param file where to; its folder is made if it is missing, and a file of that name is replaced
     * @return the file
     * @throws IOException if it cannot be written
     */
    public Path write(Path file) throws IOException {
        Map<String, SafetensorsWriter.Tensor> stored = new LinkedHashMap<>();
        tokens.ifPresent(it -> stored.put(TOKENS, ids(it)));
        try (Turns turns = new Turns()) {
            tensors.forEach((name, tensor) -> stored.put(name, turns.of(tensor)));
            Path folder = Optional.ofNullable(file.toAbsolutePath().getParent()).orElseThrow();
            Files.createDirectories(folder);
            SafetensorsWriter.write(file, stored);
        }
        return file;
    }

    private static SafetensorsWriter.Longs ids(Tokens tokens) {
        long[] ids = new long[tokens.batch() * tokens.pos()];
        for (int sequence = 0; sequence < tokens.batch(); sequence++) {
            for (int pos = 0; pos < tokens.pos(); pos++) {
                ids[sequence * tokens.pos() + pos] = tokens.ids(sequence).get(pos);
            }
        }
        return new SafetensorsWriter.Longs(new long[] {tokens.batch(), tokens.pos()}, ids);
    }

    /** Holds the contiguous copy of the tensor whose turn it is, and of no other. */
    private static final class Turns implements AutoCloseable {
        private Optional<Scope> current = Optional.empty();
        private Optional<NDArray> flat = Optional.empty();

        SafetensorsWriter.Tensor of(Source tensor) {
            return new SafetensorsWriter.Streamed(
                    tensor.shape().getShape(), type(tensor.type()), (from, count) -> piece(tensor, from, count));
        }

        private static StoredType type(DataType type) {
            return switch (type) {
                case FLOAT32 -> StoredType.F32;
                case FLOAT16 -> StoredType.F16;
                case INT64 -> StoredType.I64;
                default ->
                    throw new UsageException(
                            "A tensor of type %s cannot be written; float32, float16 and int64 can. Convert it first."
                                    .formatted(type));
            };
        }

        private ByteBuffer piece(Source tensor, long from, int count) {
            if (from == 0) {
                close();
                Scope scope = Scope.root();
                current = Optional.of(scope);
                flat = Optional.of(scope.adopt(tensor.copy().apply(scope).flatten()));
            }
            NDArray whole = flat.orElseThrow();
            try (NDArray part = whole.get(new NDIndex().addSliceDim(from, from + count))) {
                ByteBuffer bytes = part.toByteBuffer();
                return bytes.order(ByteOrder.LITTLE_ENDIAN);
            }
        }

        @Override
        public void close() {
            current.ifPresent(Scope::close);
            current = Optional.empty();
            flat = Optional.empty();
        }
    }
}
