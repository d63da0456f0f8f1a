package org.lens4j.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SafetensorsWriterTest {
    @TempDir
    Path folder;

    @Test
    void a_large_tensor_is_asked_for_in_pieces_and_in_order() throws IOException {
        long count = 2L * SafetensorsWriter.PIECE + 5;
        List<Long> asked = new ArrayList<>();
        SafetensorsWriter.Source counting = (from, numbers) -> {
            asked.add(from);
            ByteBuffer bytes = ByteBuffer.allocate(numbers).order(ByteOrder.LITTLE_ENDIAN);
            for (int i = 0; i < numbers; i++) {
                bytes.put((byte) (from + i));
            }
            return bytes.flip();
        };
        Path file = folder.resolve("large.safetensors");
        SafetensorsWriter.write(
                file, Map.of("x", new SafetensorsWriter.Streamed(new long[] {count}, StoredType.I8, counting)));
        assertThat(asked).containsExactly(0L, (long) SafetensorsWriter.PIECE, 2L * SafetensorsWriter.PIECE);
        ByteBuffer read = Safetensors.open(file).bytes("x", count - 3, 3);
        assertThat(new byte[] {read.get(), read.get(), read.get()})
                .containsExactly((byte) (count - 3), (byte) (count - 2), (byte) (count - 1));
    }

    @Test
    void tensors_of_several_types_lie_beside_each_other() throws IOException {
        Map<String, SafetensorsWriter.Tensor> tensors = new LinkedHashMap<>();
        tensors.put("ids", new SafetensorsWriter.Longs(new long[] {3}, new long[] {-1, 0, Long.MAX_VALUE}));
        tensors.put("one", new SafetensorsWriter.Floats(new long[] {}, new float[] {2.5f}));
        tensors.put("none", new SafetensorsWriter.Floats(new long[] {0, 4}, new float[0]));
        Path file = folder.resolve("both.safetensors");
        SafetensorsWriter.write(file, tensors);
        Safetensors read = Safetensors.open(file);
        assertThat(read.entries().stream().map(TensorEntry::toString))
                .containsExactlyInAnyOrder("ids I64 [3]", "one F32 []", "none F32 [0, 4]");
        assertThat(read.bytes("ids").getLong(16)).isEqualTo(Long.MAX_VALUE);
        assertThat(read.bytes("one").getFloat()).isEqualTo(2.5f);
    }

    @Test
    void a_source_that_gives_too_little_leaves_no_file() {
        SafetensorsWriter.Tensor stingy = new SafetensorsWriter.Streamed(
                new long[] {4}, StoredType.F32, (from, count) -> ByteBuffer.allocate(12));
        assertThatThrownBy(() -> SafetensorsWriter.write(folder.resolve("x.safetensors"), Map.of("x", stingy)))
                .hasMessage("x gave 12 bytes for its numbers 0 to 3, and 16 were due.");
        assertThat(folder).isEmptyDirectory();
    }
}
