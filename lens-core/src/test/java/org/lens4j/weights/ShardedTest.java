package org.lens4j.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.lens4j.error.CheckpointException;
import org.lens4j.error.UnknownNameException;
import org.lens4j.tensor.Scope;

class ShardedTest {
    @TempDir
    private Path folder;

    private Path safetensors(String name, String... tensors) throws IOException {
        Map<String, SafetensorsWriter.Floats> written = new LinkedHashMap<>();
        for (String tensor : tensors) {
            written.put(tensor, new SafetensorsWriter.Floats(new long[] {1}, new float[] {tensor.length()}));
        }
        SafetensorsWriter.write(folder.resolve(name), written);
        return folder.resolve(name);
    }

    private Path index(String... pairs) throws IOException {
        StringBuilder json = new StringBuilder("{\"metadata\":{\"total_size\":8},\"weight_map\":{");
        for (int i = 0; i < pairs.length; i += 2) {
            json.append(i == 0 ? "" : ",").append("\"%s\":\"%s\"".formatted(pairs[i], pairs[i + 1]));
        }
        return index(json.append("}}").toString());
    }

    private Path index(String json) throws IOException {
        return Files.writeString(folder.resolve("model.safetensors.index.json"), json);
    }

    @Test
    void tensors_are_found_in_their_shards() throws IOException {
        Path one = safetensors("model-00001-of-00002.safetensors", "a", "unlisted");
        Path two = new TorchFile()
                .code("}")
                .text("b")
                .tensor("Float", "0", 2, 1, new long[] {1}, 1)
                .code("s.")
                .floats("0", 4, 5)
                .write(folder.resolve("pytorch_model-00002-of-00002.bin"));
        Checkpoint both = Checkpoint.open(
                index("a", one.getFileName().toString(), "b", two.getFileName().toString()));
        assertThat(both).isInstanceOf(Sharded.class);
        assertThat(both.files()).containsExactly(one, two);
        assertThat(both.size()).isEqualTo(Files.size(one) + Files.size(two));
        assertThat(both.names()).as("nothing is left out silently").containsExactly("a", "unlisted", "b");
        assertThat(both.entries()).extracting(TensorEntry::name).containsExactly("a", "unlisted", "b");
        assertThat(both.entry("b").shape()).containsExactly(1L);
        assertThat(both.has("c")).isFalse();
        try (Scope scope = Scope.root();
                NDArray b = FloatReader.read(both, "b", scope)) {
            assertThat(b.duplicate().toFloatArray()).containsExactly(5);
        }
        assertThatThrownBy(() -> both.bytes("c")).isInstanceOf(UnknownNameException.class);
    }

    @Test
    void missing_shards_are_counted_and_named() throws IOException {
        safetensors("1.safetensors", "a");
        Path index = index("a", "1.safetensors", "b", "2.safetensors", "c", "3.safetensors");
        assertThatThrownBy(() -> Checkpoint.open(index))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining(
                        "lists 3 files, and 2 of them are missing beside it: 2.safetensors, 3.safetensors. Download them.");
    }

    @Test
    void a_listed_tensor_must_be_in_its_shard() throws IOException {
        safetensors("1.safetensors", "a");
        safetensors("2.safetensors", "b");
        Path index = index("a", "1.safetensors", "b", "1.safetensors", "c", "2.safetensors");
        assertThatThrownBy(() -> Checkpoint.open(index))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("it says \"b\" is in 1.safetensors, which has no such tensor");
    }

    @Test
    void a_tensor_in_two_shards_is_refused() throws IOException {
        safetensors("1.safetensors", "a", "b");
        safetensors("2.safetensors", "b");
        Path index = index("a", "1.safetensors", "b", "2.safetensors");
        assertThatThrownBy(() -> Checkpoint.open(index))
                .hasMessageContaining("\"b\" is in two shards, 1.safetensors and 2.safetensors");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "../1.safetensors",
                "..",
                "/etc/passwd",
                "sub/1.safetensors",
                "a\\\\1.safetensors",
                "C:1.safetensors",
                "",
                "model.safetensors.index.json",
                ".safetensors",
                "1.safetensors\\u0000",
                "1.safetensors\\n"
            })
    void a_shard_is_a_plain_file_name(String name) throws IOException {
        safetensors("1.safetensors", "a");
        Path index = index("a", name);
        assertThatThrownBy(() -> Checkpoint.open(index))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("is no plain file name of weights");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "[]", "{\"weight_map\":3}", "{\"weight_map\":{\"a\":{}}}", "{\"weight_map\":", "\u0000"})
    void what_is_no_index_is_refused(String json) throws IOException {
        Path index = index(json);
        assertThatThrownBy(() -> Checkpoint.open(index))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("is not the JSON of an index");
    }

    @Test
    void an_empty_index_is_refused() throws IOException {
        Path index = index("{}");
        assertThatThrownBy(() -> Checkpoint.open(index)).hasMessageContaining("it has no weight_map, or an empty one");
        Path twice = index("a", "1.safetensors", "a", "2.safetensors");
        assertThatThrownBy(() -> Checkpoint.open(twice)).hasMessageContaining("it names \"a\" twice");
    }

    @Test
    void a_pointer_of_git_lfs_is_explained() throws IOException {
        Path pointer = Files.writeString(
                folder.resolve("model.safetensors"), "version https://git-lfs.github.com/spec/v1\noid sha256:00\n");
        assertThatThrownBy(() -> Checkpoint.open(pointer))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining(
                        "is a Git LFS pointer of a few lines, not the weights. Fetch them with git lfs pull.");
    }
}
