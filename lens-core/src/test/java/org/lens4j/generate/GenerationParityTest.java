package org.lens4j.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.LongBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.lens4j.Fixtures;
import org.lens4j.Lens;
import org.lens4j.model.HookedTransformer;
import org.lens4j.text.Tokens;
import org.lens4j.weights.Safetensors;

/** Greedy tokens are those TransformerLens writes for the same files, to the last one. */
class GenerationParityTest {
    private static final int NEW = 8;

    static Stream<Path> models() {
        return Fixtures.decoders().stream();
    }

    @ParameterizedTest
    @MethodSource("models")
    void raw_weights_write_what_the_reference_writes(Path folder) {
        try (HookedTransformer model = Fixtures.raw(folder)) {
            assertSame(folder, "generate/raw/", model);
        }
    }

    @ParameterizedTest
    @MethodSource("models")
    void processed_weights_write_what_the_reference_writes(Path folder) {
        try (HookedTransformer model = Lens.load(folder.toAbsolutePath().toString())) {
            assertSame(folder, "generate/processed/", model);
        }
    }

    private static void assertSame(Path folder, String group, HookedTransformer model) {
        Safetensors expected = Fixtures.expected(folder);
        assumeTrue(expected.has(group + "greedy8"), "no such group");
        GenerateOptions options = GenerateOptions.of(NEW).withoutEnd();
        assertThat(written(model, expected, group + "greedy8", options)).isEqualTo(rows(expected, group + "greedy8"));
        String plain = group + "greedy8_plain_loop";
        assertThat(written(model, expected, plain, options.withoutCache())).isEqualTo(rows(expected, plain));
    }

    private static List<List<Long>> written(
            HookedTransformer model, Safetensors expected, String name, GenerateOptions options) {
        long[][] prompts = rows(expected, name).stream()
                .map(row -> row.subList(0, row.size() - NEW).stream()
                        .mapToLong(Long::longValue)
                        .toArray())
                .toArray(long[][]::new);
        Tokens all = Generation.of(model, Tokens.of(prompts), options, GenerateListener.none())
                .tokens();
        return Stream.iterate(0, row -> row + 1)
                .limit(all.batch())
                .map(all::ids)
                .toList();
    }

    private static List<List<Long>> rows(Safetensors expected, String name) {
        long width = expected.entry(name).dimensions()[1];
        LongBuffer ids = expected.bytes(name).asLongBuffer();
        return Stream.generate(() -> Stream.generate(ids::get).limit(width).toList())
                .limit(expected.entry(name).dimensions()[0])
                .toList();
    }
}
