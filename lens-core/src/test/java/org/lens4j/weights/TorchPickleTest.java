package org.lens4j.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.ZipEntry;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.lens4j.error.CheckpointException;
import org.lens4j.error.UnknownNameException;
import org.lens4j.tensor.Scope;

class TorchPickleTest {
    @TempDir
    private Path folder;

    private Path file() {
        return folder.resolve("x.pth");
    }

    /** A state dict with one tensor "a" over the six floats 0 to 5. */
    private Path view(long offset, long[] shape, long... strides) {
        return new TorchFile()
                .code("}")
                .text("a")
                .tensor("Float", "0", 6, offset, shape, strides)
                .code("s.")
                .floats("0", 0, 1, 2, 3, 4, 5)
                .write(file());
    }

    private static float[] floats(Checkpoint checkpoint, String name) {
        try (Scope scope = Scope.root();
                NDArray read = FloatReader.read(checkpoint, name, scope).duplicate()) {
            return read.toFloatArray();
        }
    }

    @Test
    void views_are_read_in_row_major_order() {
        assertThat(floats(TorchPickle.open(view(0, new long[] {2, 3}, 3, 1)), "a"))
                .containsExactly(0, 1, 2, 3, 4, 5);
        assertThat(floats(TorchPickle.open(view(0, new long[] {3, 2}, 1, 3)), "a"))
                .as("transposed")
                .containsExactly(0, 3, 1, 4, 2, 5);
        assertThat(floats(TorchPickle.open(view(1, new long[] {2, 2}, 3, 1)), "a"))
                .as("columns 1 and 2")
                .containsExactly(1, 2, 4, 5);
        assertThat(floats(TorchPickle.open(view(2, new long[] {2, 2}, 0, 1)), "a"))
                .as("one row twice")
                .containsExactly(2, 3, 2, 3);
        assertThat(floats(TorchPickle.open(view(5, new long[] {})), "a"))
                .as("a number")
                .containsExactly(5);
        assertThat(floats(TorchPickle.open(view(4, new long[] {1, 2, 1}, 77, 1, 9)), "a"))
                .as("strides of axes of one do not matter")
                .containsExactly(4, 5);
        assertThat(floats(TorchPickle.open(view(0, new long[] {3, 0}, 1, 3)), "a"))
                .as("nothing")
                .isEmpty();
    }

    @Test
    void a_part_of_a_transposed_tensor_is_the_part_of_the_whole() {
        TorchPickle pickle = TorchPickle.open(view(0, new long[] {3, 2}, 1, 3));
        ByteBuffer part = pickle.bytes("a", 3 * Float.BYTES, 2 * Float.BYTES);
        assertThat(List.of(part.getFloat(), part.getFloat())).containsExactly(4f, 2f);
        assertThat(part.hasRemaining()).isFalse();
    }

    @Test
    void a_row_major_view_is_mapped_and_a_transposed_one_copied() {
        assertThat(TorchPickle.open(view(0, new long[] {2, 3}, 3, 1)).bytes("a").isDirect())
                .isTrue();
        assertThat(TorchPickle.open(view(0, new long[] {3, 2}, 1, 3)).bytes("a").isDirect())
                .isFalse();
    }

    @ParameterizedTest
    @CsvSource({"0,7,1", "3,4,1", "0,4,2", "6,1,1", "-1,2,1", "0,2,-1", "0,-1,1", "9223372036854775807,2,1"})
    void a_view_beyond_its_storage_is_refused(long offset, long size, long stride) {
        Path file = view(offset, new long[] {size}, stride);
        assertThatThrownBy(() -> TorchPickle.open(file))
                .isInstanceOf(CheckpointException.class)
                .hasMessageStartingWith(file + " is not a whole torch.save file: ")
                .hasMessageContaining(
                        "a tensor of shape [%d], strides [%d] and offset %d".formatted(size, stride, offset));
    }

    @Test
    void sizes_that_overflow_are_refused() {
        Path file = view(0, new long[] {1L << 40, 1L << 40}, 0, 0);
        assertThatThrownBy(() -> TorchPickle.open(file)).isInstanceOf(CheckpointException.class);
    }

    @Test
    void a_view_larger_than_the_file_is_refused() {
        Path file = view(0, new long[] {1 << 30}, 0);
        assertThatThrownBy(() -> TorchPickle.open(file))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("\"a\" has 4294967296 bytes, more than the whole file");
    }

    @Test
    void every_type_of_numbers_is_named() {
        TorchFile torch = new TorchFile().code("}(");
        String[] types = {"Double", "Float", "Half", "BFloat16", "Long", "Int", "Short", "Char", "Byte", "Bool"};
        for (String type : types) {
            torch.text(type).tensor(type, "0", 8 / width(type), 0, new long[] {8 / width(type)}, 1);
        }
        TorchPickle pickle = TorchPickle.open(torch.code("u.")
                .entry("data/0", new byte[] {1, 2, 3, 4, 5, 6, 7, 8})
                .write(file()));
        assertThat(pickle.names()).containsExactly(types);
        assertThat(pickle.entries().stream().map(TensorEntry::type))
                .containsExactly(
                        StoredType.F64,
                        StoredType.F32,
                        StoredType.F16,
                        StoredType.BF16,
                        StoredType.I64,
                        StoredType.I32,
                        StoredType.I16,
                        StoredType.I8,
                        StoredType.U8,
                        StoredType.BOOL);
        assertThat(pickle.bytes("Long").getLong()).isEqualTo(0x0807060504030201L);
        try (Scope scope = Scope.root()) {
            assertThatThrownBy(() -> FloatReader.read(pickle, "Long", scope))
                    .hasMessageContaining("holds I64, and parameters must be floating-point numbers");
        }
    }

    private static int width(String type) {
        return switch (type) {
            case "Double", "Long" -> 8;
            case "Float", "Int" -> 4;
            case "Char", "Byte", "Bool" -> 1;
            default -> 2;
        };
    }

    @Test
    void a_parameter_is_its_tensor_and_attributes_of_a_dictionary_are_dropped() {
        Path file = new TorchFile()
                .global("collections", "OrderedDict")
                .code(")R")
                .text("a")
                .global("torch._utils", "_rebuild_parameter")
                .code("(")
                .tensor("Float", "0", 1, 0, new long[] {1}, 1)
                .code(0x88)
                .global("collections", "OrderedDict")
                .code(")RtRs}")
                .text("_metadata")
                .code("}sb.")
                .floats("0", 3)
                .write(file());
        assertThat(floats(TorchPickle.open(file), "a")).containsExactly(3);
    }

    @Test
    void the_other_values_are_data() {
        Path file = new TorchFile()
                .code("}(")
                .text("model")
                .code("}")
                .text("w")
                .tensor("Float", "0", 1, 0, new long[] {1}, 1)
                .code("s")
                .text("args")
                .code("}(")
                .text("n_layer")
                .code('K', 3)
                .text("bias")
                .code(0x88)
                .text("dropout")
                .code('G', 0x3f, 0xf0, 0, 0, 0, 0, 0, 0)
                .text("dtype")
                .global("torch", "bfloat16")
                .code("u")
                .code('K', 7)
                .code("](")
                .whole(-5)
                .code("N)eu.")
                .floats("0", 3)
                .write(file());
        TorchPickle pickle = TorchPickle.open(file);
        assertThat(pickle.names()).containsExactly("w");
        SavedValue.Mapping args = pickle.values().mapping("args").orElseThrow();
        assertThat(args.whole("n_layer")).contains(3L);
        assertThat(args.truth("bias")).contains(true);
        assertThat(args.at("dropout")).contains(new SavedValue.Real(1));
        assertThat(args.text("dtype")).contains("torch.bfloat16");
        assertThat(args.whole("bias")).isEmpty();
        assertThat(pickle.values().at("7"))
                .contains(new SavedValue.Sequence(
                        List.of(new SavedValue.Whole(-5), new SavedValue.None(), new SavedValue.Sequence(List.of()))));
    }

    @Test
    void numbers_that_are_missing_or_too_few_are_refused() {
        TorchFile torch = new TorchFile()
                .code("}")
                .text("a")
                .tensor("Float", "0", 6, 0, new long[] {6}, 1)
                .code("s.");
        assertThatThrownBy(() -> TorchPickle.open(torch.write(file())))
                .hasMessageContaining("the numbers of \"a\" (data/0) are missing");
        assertThatThrownBy(() -> TorchPickle.open(torch.floats("0", 1, 2).write(file())))
                .hasMessageContaining("claims 6 numbers of 4 bytes, and the file has 8 bytes of it");
    }

    @Test
    void compressed_entries_are_refused() throws IOException {
        byte[] zip = new TorchFile().code("}.").zip(ZipEntry.DEFLATED);
        Files.write(file(), zip);
        assertThatThrownBy(() -> TorchPickle.open(file()))
                .hasMessageContaining("its entry it/data.pkl is compressed or encrypted, and torch.save stores");
    }

    @Test
    void big_endian_numbers_are_refused() {
        TorchFile torch =
                new TorchFile().code("}.").entry("byteorder", "big".getBytes(java.nio.charset.StandardCharsets.UTF_8));
        assertThatThrownBy(() -> TorchPickle.open(torch.write(file()))).hasMessageContaining("byte order \"big\"");
    }

    @Test
    void files_of_old_versions_say_how_to_convert_them() throws IOException {
        byte[] magic = new TorchFile().whole(0x1950a86a20f9469cL).code(".").pickle();
        Files.write(file(), magic);
        assertThatThrownBy(() -> Checkpoint.open(file()))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("saved in the form of PyTorch before 1.6, which is not read.")
                .hasMessageEndingWith("save it again with torch.save.");
    }

    @Test
    void a_file_without_tensors_says_what_it_holds() {
        assertThatThrownBy(() -> TorchPickle.open(new TorchFile()
                        .code("}")
                        .text("epoch")
                        .code('K', 3)
                        .code("s.")
                        .write(file())))
                .hasMessageContaining("holds no tensors where a state dict has them, only: epoch.");
        assertThatThrownBy(() -> TorchPickle.open(new TorchFile().code("].").write(file())))
                .hasMessageContaining("holds no dictionary of tensors");
    }

    @Test
    void an_unknown_tensor_names_the_closest() {
        TorchPickle pickle = TorchPickle.open(view(0, new long[] {6}, 1));
        assertThatThrownBy(() -> pickle.bytes("b"))
                .isInstanceOf(UnknownNameException.class)
                .hasMessageContaining("Closest of 1: a.");
    }

    @Test
    void a_file_without_a_directory_is_refused() throws IOException {
        byte[] whole = new TorchFile().code("}.").zip(ZipEntry.STORED);
        for (int length : new int[] {4, 30, whole.length - 1}) {
            Files.write(file(), java.util.Arrays.copyOf(whole, length));
            assertThatThrownBy(() -> Checkpoint.open(file()))
                    .isInstanceOf(CheckpointException.class)
                    .hasMessageContaining("it has no directory at its end");
        }
    }
}
