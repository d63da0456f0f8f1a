package org.lens4j.cache;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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
 * copied, so writing takes the memory of the largest on top of the cache.
 */
public final class CacheWriter {
    /** The name of the token ids in the file, int64 {@code [batch pos]}. */
    public static final String TOKENS = "tokens";

    /** What to call the ids a decoder of its own was fed, in models of two stacks. */
    public static final String DECODER_TOKENS = "decoder_tokens";

    private final Tokens tokens;
    private final Map<String, NDArray> tensors;

    private CacheWriter(Tokens tokens, Map<String, NDArray> tensors) {
        this.tokens = tokens;
        this.tensors = tensors;
    }

    /** A writer of everything a cache holds. */
    public static CacheWriter of(ActivationCache cache) {
        Map<String, NDArray> tensors = new LinkedHashMap<>();
        cache.names().forEach(name -> tensors.put(name, cache.get(name)));
        return new CacheWriter(cache.tokens(), tensors);
    }

    /**
     * Writes another tensor too, before the activations.
     *
     * @param name what to call it in the file, for example {@code logits}
     * @param tensor float32 or int64; stays with its owner
     * @throws UsageException if something of that name is written already
     */
    public CacheWriter with(String name, NDArray tensor) {
        if (name.equals(TOKENS) || tensors.containsKey(name)) {
            throw new UsageException(
                    "The file has a tensor \"%s\" already. Give this one another name.".formatted(name));
        }
        Map<String, NDArray> more = new LinkedHashMap<>(Map.of(name, tensor));
        more.putAll(tensors);
        return new CacheWriter(tokens, more);
    }

    /** The names the file will have, in its order. */
    public List<String> names() {
        return Stream.concat(Stream.of(TOKENS), tensors.keySet().stream()).toList();
    }

    /**
     * Writes the file beside its place and moves it there, so that a reader never sees half of it.
     *
     * @param file where to; its folder is made if it is missing, and a file of that name is replaced
     * @throws IOException if it cannot be written
     */
    public void write(Path file) throws IOException {
        Map<String, SafetensorsWriter.Tensor> stored = new LinkedHashMap<>();
        stored.put(TOKENS, ids());
        try (Turns turns = new Turns()) {
            tensors.forEach((name, tensor) -> stored.put(name, turns.of(tensor)));
            Path folder = Optional.ofNullable(file.toAbsolutePath().getParent()).orElseThrow();
            Files.createDirectories(folder);
            SafetensorsWriter.write(file, stored);
        }
    }

    private SafetensorsWriter.Longs ids() {
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

        SafetensorsWriter.Tensor of(NDArray tensor) {
            return new SafetensorsWriter.Streamed(
                    tensor.getShape().getShape(), type(tensor), (from, count) -> piece(tensor, from, count));
        }

        private static StoredType type(NDArray tensor) {
            if (tensor.getDataType() == DataType.FLOAT32) {
                return StoredType.F32;
            }
            if (tensor.getDataType() == DataType.INT64) {
                return StoredType.I64;
            }
            throw new UsageException("A tensor of type %s cannot be written; float32 and int64 can. Convert it first."
                    .formatted(tensor.getDataType()));
        }

        private ByteBuffer piece(NDArray tensor, long from, int count) {
            if (from == 0) {
                close();
                Scope scope = Scope.root();
                current = Optional.of(scope);
                flat = Optional.of(scope.adopt(scope.copy(tensor).flatten()));
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
