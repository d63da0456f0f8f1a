package org.lens4j.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.lens4j.Fixtures;
import org.lens4j.error.CheckpointException;
import org.lens4j.tensor.Scope;

class FloatReaderTest {
    @TempDir
    private Path folder;

    private Path written(float... values) throws IOException {
        Path file = folder.resolve("x.safetensors");
        SafetensorsWriter.write(file, Map.of("a", new SafetensorsWriter.Floats(new long[] {values.length}, values)));
        return file;
    }

    @ParameterizedTest
    @ValueSource(ints = {61, 64, 3072, 1 << 20})
    void a_tensor_read_in_pieces_is_the_tensor_read_whole(int piece) {
        Checkpoint checkpoint = Checkpoint.open(Fixtures.committed("gpt2").resolve("model.safetensors"));
        TensorEntry entry = checkpoint.entry("transformer.h.0.attn.c_attn.weight");
        try (Scope scope = Scope.root()) {
            NDArray pieces = FloatReader.copied(checkpoint, entry, scope, piece);
            NDArray whole = FloatReader.read(checkpoint, entry.name(), scope);
            assertThat(pieces.getShape()).isEqualTo(whole.getShape());
            assertThat(pieces.toFloatArray()).isEqualTo(whole.toFloatArray());
        }
    }

    @Test
    void a_transposed_tensor_read_in_pieces_is_the_tensor_read_whole() {
        Path file = new TorchFile()
                .code("}")
                .text("a")
                .tensor("Float", "0", 6, 0, new long[] {3, 2}, 1, 3)
                .code("s.")
                .floats("0", 0, 1, 2, 3, 4, 5)
                .write(folder.resolve("x.bin"));
        Checkpoint checkpoint = Checkpoint.open(file);
        try (Scope scope = Scope.root()) {
            for (int piece = 1; piece <= 6; piece++) {
                assertThat(FloatReader.copied(checkpoint, checkpoint.entry("a"), scope, piece)
                                .toFloatArray())
                        .containsExactly(0, 3, 1, 4, 2, 5);
            }
        }
    }

    @Test
    void a_mapped_tensor_may_be_written_and_the_file_stays_as_it_is() throws IOException {
        Path file = written(1, 2, 3);
        byte[] before = Files.readAllBytes(file);
        Checkpoint checkpoint = Checkpoint.open(file);
        try (Scope scope = Scope.root();
                MappedFloats mapped = FloatReader.mapped(checkpoint, "a", scope)) {
            assertThat(mapped.isMapped()).isTrue();
            NDArray view = mapped.array().reshape(3, 1);
            System.gc();
            mapped.array().addi(1);
            assertThat(view.toFloatArray()).containsExactly(2, 3, 4);
            assertThat(Files.readAllBytes(file)).isEqualTo(before);
        }
    }

    @Test
    void what_cannot_be_mapped_is_copied_and_says_so() throws IOException {
        Path transposed = new TorchFile()
                .code("}")
                .text("a")
                .tensor("Float", "0", 4, 0, new long[] {2, 2}, 1, 2)
                .code("s.")
                .floats("0", 0, 1, 2, 3)
                .write(folder.resolve("x.bin"));
        byte[] json =
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}   ".getBytes(StandardCharsets.UTF_8);
        assertThat(json.length % Float.BYTES).as("the numbers are not aligned").isNotZero();
        Path crooked = Files.write(
                folder.resolve("crooked.safetensors"),
                ByteBuffer.allocate(8 + json.length + 4)
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .putLong(json.length)
                        .put(json)
                        .putFloat(5)
                        .array());
        Path half = Fixtures.committed("gpt_neox").resolve("model.safetensors");
        try (Scope scope = Scope.root()) {
            MappedFloats copied = FloatReader.mapped(Checkpoint.open(transposed), "a", scope);
            assertThat(copied.isMapped()).isFalse();
            assertThat(copied.array().toFloatArray()).containsExactly(0, 2, 1, 3);
            MappedFloats moved = FloatReader.mapped(Checkpoint.open(crooked), "a", scope);
            assertThat(moved.isMapped()).isFalse();
            assertThat(moved.array().toFloatArray()).containsExactly(5);
            Checkpoint halves = Checkpoint.open(half);
            assertThat(FloatReader.mapped(halves, "gpt_neox.embed_in.weight", scope)
                            .isMapped())
                    .isFalse();
        }
    }

    @Test
    void a_file_that_became_shorter_is_refused_and_not_made_longer() throws IOException {
        Path file = written(1, 2, 3);
        Checkpoint checkpoint = Checkpoint.open(file);
        long shorter = Files.size(file) - 4;
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.truncate(shorter);
        }
        try (Scope scope = Scope.root()) {
            assertThatThrownBy(() -> FloatReader.mapped(checkpoint, "a", scope))
                    .isInstanceOf(CheckpointException.class)
                    .hasMessageContaining("has become shorter since it was opened. Load the model again.");
            assertThatThrownBy(() -> FloatReader.read(checkpoint, "a", scope)).isInstanceOf(CheckpointException.class);
        }
        assertThat(Files.size(file)).isEqualTo(shorter);
    }

    @Test
    @EnabledOnOs(value = OS.LINUX, disabledReason = "other systems may write three gigabytes of zeros")
    void numbers_beyond_two_gigabytes_are_reached_in_parts() throws IOException {
        long count = 3L << 28;
        byte[] json = "{\"a\":{\"dtype\":\"F32\",\"shape\":[%d],\"data_offsets\":[0,%d]}}"
                .formatted(count, count * Float.BYTES)
                .getBytes(StandardCharsets.UTF_8);
        Path file = folder.resolve("large.safetensors");
        try (FileChannel channel = FileChannel.open(
                file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE, StandardOpenOption.SPARSE)) {
            ByteBuffer head = ByteBuffer.allocate(8 + json.length).order(ByteOrder.LITTLE_ENDIAN);
            channel.write(head.putLong(json.length).put(json).flip());
            ByteBuffer last = ByteBuffer.allocate(Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
            channel.write(last.putFloat(7).flip(), head.capacity() + (count - 1) * Float.BYTES);
        }
        Checkpoint checkpoint = Checkpoint.open(file);
        assertThat(checkpoint.bytes("a", (count - 1) * Float.BYTES, Float.BYTES).getFloat())
                .isEqualTo(7);
        assertThat(checkpoint.privateBytes("a")).isEmpty();
        assertThatThrownBy(() -> checkpoint.bytes("a"))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("has 3221225472 bytes, and a buffer ends at 2 GiB. Read it in parts.");
    }
}
