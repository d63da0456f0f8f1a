package org.lens4j.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.index.NDIndex;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.lens4j.Fixtures;
import org.lens4j.hook.Hooks;
import org.lens4j.text.Tokens;
import org.lens4j.weights.Safetensors;

/** Optional hook points and edits give what TransformerLens gives for the same files. */
class OptionParityTest {
    static Stream<Path> models() {
        return Fixtures.decoders().stream();
    }

    @ParameterizedTest
    @MethodSource("models")
    void split_inputs_and_head_results_equal_the_reference(Path folder) {
        RunOptions options = RunOptions.defaults().withAttnResult().withMlpIn().withSplitQkvInput();
        assertGroupEquals(folder, "raw_extra/", options);
    }

    @ParameterizedTest
    @MethodSource("models")
    void keys_and_values_for_every_head_equal_the_reference(Path folder) {
        RunOptions options = RunOptions.defaults().withAttnResult().withMlpIn().withUngroupedGqa();
        assertGroupEquals(folder, "raw_extra_ungroup/", options.withSplitQkvInput());
        assertGroupEquals(
                folder, "raw_extra_ungroup_nosplit/", RunOptions.defaults().withUngroupedGqa());
    }

    @ParameterizedTest
    @MethodSource("models")
    void a_shared_input_for_each_head_equals_the_reference(Path folder) {
        assertGroupEquals(folder, "raw_extra_attn_in/", RunOptions.defaults().withAttnIn());
    }

    @ParameterizedTest
    @MethodSource("models")
    void zeroing_a_head_equals_the_reference(Path folder) {
        Hooks zero = Hooks.none().edit("blocks.0.attn.hook_z", (z, at) -> {
            z.set(new NDIndex(":, :, 1"), 0f);
            return z;
        });
        Safetensors expected = Fixtures.expected(folder);
        try (HookedTransformer model = Fixtures.raw(folder);
                Run run = model.runWithHooks(Fixtures.tokens(expected), zero)) {
            assertThat(Fixtures.distance(expected, "ablate/zero_L0H1_z_logits", run.logits()))
                    .isLessThan(Fixtures.TOLERANCE);
        }
    }

    @ParameterizedTest
    @MethodSource("models")
    void padding_on_the_left_equals_the_reference(Path folder) {
        Safetensors expected = Fixtures.expected(folder);
        Tokens tokens = Fixtures.tokens(expected);
        boolean[][] attended = new boolean[tokens.batch()][tokens.pos()];
        java.nio.LongBuffer mask = expected.bytes("mask/attention_mask_left").asLongBuffer();
        for (boolean[] row : attended) {
            for (int pos = 0; pos < row.length; pos++) {
                row[pos] = mask.get() != 0;
            }
        }
        try (HookedTransformer model = Fixtures.raw(folder);
                Run run = model.run(tokens.withAttended(attended))) {
            assertThat(Fixtures.distance(
                            expected, "mask/logits_left", run.logits(), index -> attendedAt(index, run, attended)))
                    .isLessThan(Fixtures.TOLERANCE);
        }
    }

    /** What a model makes of padding is nobody's business. */
    private static boolean attendedAt(int index, Run run, boolean[][] attended) {
        int width = (int) run.logits().getShape().get(2);
        int pos = attended[0].length;
        return attended[index / width / pos][index / width % pos];
    }

    @ParameterizedTest
    @MethodSource("models")
    void remembered_keys_and_values_equal_the_reference(Path folder) {
        Safetensors expected = Fixtures.expected(folder);
        Tokens tokens = Fixtures.tokens(expected);
        int first = (int) expected.entry("kv/logits_first8").dimensions()[1];
        try (HookedTransformer model = Fixtures.raw(folder);
                KvCache past = new KvCache()) {
            RunOptions options = RunOptions.defaults().withPast(past);
            try (Run start = model.run(slice(tokens, 0, first), options);
                    Run rest = model.run(slice(tokens, first, tokens.pos()), options)) {
                assertThat(Fixtures.distance(expected, "kv/logits_first8", start.logits()))
                        .isLessThan(Fixtures.TOLERANCE);
                assertThat(Fixtures.distance(expected, "kv/logits_last4", rest.logits()))
                        .isLessThan(Fixtures.TOLERANCE);
            }
            assertThat(Fixtures.distance(
                            expected, "kv/past_keys_L0", past.entry(0).keys()))
                    .isLessThan(Fixtures.TOLERANCE);
            assertThat(Fixtures.distance(
                            expected, "kv/past_values_L0", past.entry(0).values()))
                    .isLessThan(Fixtures.TOLERANCE);
        }
    }

    private static Tokens slice(Tokens tokens, int from, int to) {
        return Tokens.of(IntStream.range(0, tokens.batch())
                .mapToObj(row -> tokens.ids(row).subList(from, to).stream()
                        .mapToLong(Long::longValue)
                        .toArray())
                .toArray(long[][]::new));
    }

    private static void assertGroupEquals(Path folder, String group, RunOptions options) {
        Safetensors expected = Fixtures.expected(folder);
        List<String> hooks = expected.names().stream()
                .filter(it -> it.startsWith(group) && it.contains("hook_"))
                .toList();
        assumeTrue(!hooks.isEmpty(), "no such group");
        try (HookedTransformer model = Fixtures.raw(folder);
                Run run = model.run(Fixtures.tokens(expected), options.withCached("*"))) {
            List<String> wrong = new ArrayList<>();
            for (String hook : hooks) {
                NDArray actual = run.cache().get(hook.substring(group.length()));
                if (Fixtures.distance(expected, hook, actual) > Fixtures.TOLERANCE) {
                    wrong.add(hook);
                }
            }
            assertThat(wrong).isEmpty();
            assertThat(Fixtures.distance(expected, group + "logits", run.logits()))
                    .isLessThan(Fixtures.TOLERANCE);
        }
    }
}
