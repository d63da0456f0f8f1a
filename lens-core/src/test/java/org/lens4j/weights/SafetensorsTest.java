package org.lens4j.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.lens4j.error.CheckpointException;
import org.lens4j.error.UnknownNameException;
import org.lens4j.tensor.Scope;

class SafetensorsTest {
    @TempDir
    private Path folder;

    private Path file(String header, int dataBytes) throws IOException {
        byte[] json = header.getBytes(StandardCharsets.UTF_8);
        ByteBuffer bytes = ByteBuffer.allocate(8 + json.length + dataBytes).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putLong(json.length).put(json);
        return Files.write(folder.resolve("x.safetensors"), bytes.array());
    }

    @Test
    void what_is_written_is_read_back() throws IOException {
        Map<String, SafetensorsWriter.Floats> tensors = new LinkedHashMap<>();
        tensors.put("b", new SafetensorsWriter.Floats(new long[] {2, 2}, new float[] {1, -2, Float.MIN_VALUE, 4e30f}));
        tensors.put("a", new SafetensorsWriter.Floats(new long[] {}, new float[] {7}));
        Path file = folder.resolve("two.safetensors");
        SafetensorsWriter.write(file, tensors);
        Safetensors read = Safetensors.open(file);
        assertThat(read.names()).containsExactly("b", "a");
        try (Scope scope = Scope.root()) {
            assertThat(FloatReader.read(read, "b", scope).duplicate().toFloatArray())
                    .containsExactly(1, -2, Float.MIN_VALUE, 4e30f);
            assertThat(FloatReader.read(read, "a", scope).getShape().dimension())
                    .isZero();
        }
        assertThat(folder.resolve("two.safetensors.partial")).doesNotExist();
    }

    /** 640 begins as a pickle of protocol 2 does. */
    @Test
    void a_header_of_any_length_is_a_header() throws IOException {
        String header = "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}";
        for (int length = 64; length <= 1 << 16; length = length < 2000 ? length + 8 : length * 2 + 128) {
            Path file = file(header + " ".repeat(length - header.length()), 4);
            assertThat(Checkpoint.open(file).names())
                    .as("header of %d bytes", length)
                    .containsExactly("a");
        }
    }

    @Test
    void an_unknown_tensor_names_the_closest() throws IOException {
        Safetensors read =
                Safetensors.open(file("{\"wte.weight\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}", 4));
        assertThatThrownBy(() -> read.bytes("wte.wieght"))
                .isInstanceOf(UnknownNameException.class)
                .hasMessageContaining("wte.weight");
    }

    @Test
    void a_truncated_file_is_refused() throws IOException {
        Path file = file("{\"a\":{\"dtype\":\"F32\",\"shape\":[4],\"data_offsets\":[0,16]}}", 16);
        byte[] whole = Files.readAllBytes(file);
        for (int length : new int[] {0, 7, 8, 20, whole.length - 1}) {
            Files.write(file, java.util.Arrays.copyOf(whole, length));
            assertThatThrownBy(() -> Safetensors.open(file))
                    .as(length + " bytes")
                    .isInstanceOf(CheckpointException.class)
                    .hasMessageContaining("x.safetensors is not a whole safetensors file")
                    .hasMessageContaining("Copy or download it again.");
        }
    }

    @Test
    void a_header_larger_than_the_file_is_refused_before_anything_is_allocated() throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN);
        for (long length : new long[] {9, 1L << 40, Long.MAX_VALUE, -1, 0, 1}) {
            Path file = Files.write(
                    folder.resolve("x.safetensors"),
                    bytes.clear().putLong(length).array());
            assertThatThrownBy(() -> Safetensors.open(file))
                    .isInstanceOf(CheckpointException.class)
                    .hasMessageContaining(
                            "its header claims " + Long.toUnsignedString(length) + " bytes, and the file has 8");
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "'{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]},\"b\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[4,12]}}' | \"b\" overlaps the tensor before it",
                "'{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]},\"b\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[8,12]}}' | 4 bytes before \"b\" belong to no tensor",
                "'{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}' | its tensors end at byte 4 of 12",
                "'{\"a\":{\"dtype\":\"F33\",\"shape\":[3],\"data_offsets\":[0,12]}}' | \"a\" has the type \"F33\"",
                "'{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,12]}}' | needs 8 bytes and has 12",
                "'{\"a\":{\"dtype\":\"F32\",\"shape\":[-3],\"data_offsets\":[0,12]}}' | negative size",
                "'{\"a\":{\"dtype\":\"F32\",\"shape\":[4294967296,4294967296],\"data_offsets\":[0,12]}}' | impossible shape",
                "'{\"a\":{\"dtype\":\"F32\",\"shape\":[3],\"data_offsets\":[0,13]}}' | lies at bytes 0 to 13, and there are 12",
                "'{\"a\":{\"dtype\":\"F32\",\"shape\":[3],\"data_offsets\":[-12,0]}}' | lies at bytes -12 to 0",
                "'{\"a\":{\"dtype\":\"F32\",\"shape\":[3]}}' | has no pair of data_offsets",
                "'{\"a\":{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[0,0]},\"a\":{\"dtype\":\"F32\",\"shape\":[3],\"data_offsets\":[0,12]}}' | it names \"a\" twice",
                "'{\"a\":[1,2]}' | is not the JSON of the format",
                "'{\"a\":{\"dtype\":\"F32\",\"shape\":[3.5],\"data_offsets\":[0,12]}}' | is not the JSON of the format",
                "'hello' | is not the JSON of the format"
            })
    void a_wrong_header_is_refused_and_says_why(String header, String reason) throws IOException {
        Path file = file(header, 12);
        assertThatThrownBy(() -> Safetensors.open(file))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining(reason);
    }

    @Test
    void a_missing_file_is_named() {
        assertThatThrownBy(() -> Safetensors.open(folder.resolve("none.safetensors")))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("No file ");
    }

    @Test
    void a_shape_that_fills_the_memory_and_text_after_the_header_are_refused() throws IOException {
        String shape = "1" + ",1".repeat(64);
        Path many = file("{\"a\":{\"dtype\":\"U8\",\"shape\":[%s],\"data_offsets\":[0,1]}}".formatted(shape), 1);
        assertThatThrownBy(() -> Safetensors.open(many)).hasMessageContaining("it gives a tensor more than 64 axes");
        Path more = file("{}{}", 0);
        assertThatThrownBy(() -> Safetensors.open(more)).isInstanceOf(CheckpointException.class);
    }

    @Test
    void half_precision_is_widened_exactly() {
        assertThat(FloatReader.fromHalf((short) 0x3c00)).isEqualTo(1f);
        assertThat(FloatReader.fromHalf((short) 0xc000)).isEqualTo(-2f);
        assertThat(FloatReader.fromHalf((short) 0x7bff)).isEqualTo(65504f);
        assertThat(FloatReader.fromHalf((short) 0x0001)).isEqualTo((float) Math.pow(2, -24));
        assertThat(FloatReader.fromHalf((short) 0x8000)).isEqualTo(-0f);
        assertThat(FloatReader.fromHalf((short) 0x7c00)).isEqualTo(Float.POSITIVE_INFINITY);
        assertThat(FloatReader.fromHalf((short) 0x7e00)).isNaN();
        assertThat(FloatReader.fromHalf((short) 0x3555)).isEqualTo(0x1.554p-2f);
        assertThat(FloatReader.fromBfloat16((short) 0x3f80)).isEqualTo(1f);
        assertThat(FloatReader.fromBfloat16((short) 0xc049)).isEqualTo(-3.140625f);
    }

    @Test
    void half_precision_grows_with_its_bits() {
        float before = FloatReader.fromHalf((short) 0);
        for (int bits = 1; bits <= 0x7c00; bits++) {
            float value = FloatReader.fromHalf((short) bits);
            assertThat(value).isGreaterThan(before);
            before = value;
        }
    }
}
