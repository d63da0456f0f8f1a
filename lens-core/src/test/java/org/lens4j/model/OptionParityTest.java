package org.lens4j.model;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.index.NDIndex;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.lens4j.Fixtures;
import org.lens4j.family.Families;
import org.lens4j.hook.Hooks;
import org.lens4j.weights.Safetensors;

/** Optional hook points and edits give what TransformerLens gives for the same files. */
class OptionParityTest {
    static Stream<Path> models() {
        return Fixtures.ofArchitectures(Families.architectures()).stream();
    }

    @ParameterizedTest
    @MethodSource("models")
    void split_inputs_and_head_results_equal_the_reference(Path folder) {
        RunOptions options = RunOptions.defaults().withAttnResult().withMlpIn().withSplitQkvInput();
        assertGroupEquals(folder, "raw_extra/", options);
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

    private static void assertGroupEquals(Path folder, String group, RunOptions options) {
        Safetensors expected = Fixtures.expected(folder);
        List<String> hooks = expected.names().stream()
                .filter(it -> it.startsWith(group) && it.contains("hook_"))
                .toList();
        assertThat(hooks).isNotEmpty();
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
