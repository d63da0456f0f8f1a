package org.lens4j.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.types.DataType;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.lens4j.Fixtures;
import org.lens4j.analysis.parity.Difference;
import org.lens4j.error.UnknownNameException;
import org.lens4j.error.UsageException;
import org.lens4j.hook.Hooks;
import org.lens4j.tensor.NativeLibrary;
import org.lens4j.text.Tokens;

/** Products in bfloat16: close to float32 everywhere, exact where nothing is multiplied, and nothing of it left behind. */
class ComputeTypeTest {
    /** Eight bits of fraction: each product is off by up to one part in 256, and errors of many average out. */
    private static final double ROUGH = 0.1;

    private static final Tokens TOKENS = Tokens.of(new long[][] {{3, 1, 4, 1, 5, 9, 2, 6}, {2, 7, 1, 8, 2, 8, 1, 8}});

    static Stream<String> models() {
        return Stream.of("gpt2", "gpt_neo");
    }

    @ParameterizedTest
    @MethodSource("models")
    void bfloat16_is_near_float32_and_not_the_same(String name) {
        try (HookedTransformer exact = Fixtures.raw(Fixtures.committed(name));
                HookedTransformer fast = exact.computing(ComputeType.BFLOAT16)) {
            ComputeError error = ComputeError.between(exact, fast, TOKENS);
            assertThat(error.mean()).isPositive().isLessThan(ROUGH);
            assertThat(error.most()).isGreaterThanOrEqualTo(error.mean()).isLessThan(3 * ROUGH);
            assertThat(error.tokens()).isEqualTo(14);
            assertThat(error.toString()).startsWith("log-probabilities of 14 tokens: 0.0");
            assertThat(fast.computeType().pythonName()).isEqualTo("bfloat16");
        }
    }

    static Stream<Path> everyDecoder() {
        return Fixtures.decoders().stream();
    }

    /** What is remembered is float32, whatever the products before it were taken in, and what goes on from it is as near. */
    @ParameterizedTest
    @MethodSource("everyDecoder")
    void a_text_goes_on_from_what_is_remembered_of_it(Path folder) {
        Tokens tokens = Fixtures.tokens(Fixtures.expected(folder));
        Tokens one = Tokens.of(ids(tokens, 0, tokens.pos()));
        try (HookedTransformer exact = Fixtures.raw(folder);
                HookedTransformer fast = exact.computing(ComputeType.BFLOAT16);
                Run whole = exact.run(one);
                KvCache past = new KvCache();
                Run first = fast.run(
                        Tokens.of(ids(tokens, 0, tokens.pos() - 1)),
                        RunOptions.defaults().withPast(past));
                Run last = fast.run(
                        Tokens.of(ids(tokens, tokens.pos() - 1, tokens.pos())),
                        RunOptions.defaults().withPast(past))) {
            assertThat(first.logits().getShape().get(1)).isEqualTo(tokens.pos() - 1);
            assertThat(past.entry(0).keys().getDataType()).isEqualTo(DataType.FLOAT32);
            assertThat(past.entry(0).values().getDataType()).isEqualTo(DataType.FLOAT32);
            assertThat(Difference.of(
                                    last.logits().get("0, -1").toFloatArray(),
                                    whole.logits().get("0, -1").toFloatArray())
                            .relative())
                    .isLessThan(ROUGH);
        }
    }

    private static long[] ids(Tokens tokens, int from, int to) {
        return tokens.ids(0).subList(from, to).stream()
                .mapToLong(Long::longValue)
                .toArray();
    }

    @Test
    void hooks_see_float32_and_the_embedding_is_exact() {
        try (HookedTransformer exact = Fixtures.raw(Fixtures.committed("gpt2"));
                HookedTransformer fast = exact.computing(ComputeType.BFLOAT16);
                Run right = exact.runWithCache(TOKENS);
                Run close = fast.run(
                        TOKENS,
                        RunOptions.defaults()
                                .withAttnResult()
                                .withSplitQkvInput()
                                .withCached("*")
                                .withHooks(Hooks.none().edit("blocks.0.hook_attn_out", (out, at) -> out)))) {
            assertThat(close.cache().get("blocks.0.hook_resid_pre").toFloatArray())
                    .isEqualTo(right.cache().get("blocks.0.hook_resid_pre").toFloatArray());
            for (String name : close.cache().names()) {
                assertThat(close.cache().get(name).getDataType()).as(name).isEqualTo(DataType.FLOAT32);
            }
            float[] mid = close.cache().get("blocks.1.hook_resid_post").toFloatArray();
            assertThat(mid)
                    .isNotEqualTo(right.cache().get("blocks.1.hook_resid_post").toFloatArray());
        }
    }

    @Test
    void closing_the_copy_leaves_the_model_and_no_memory() {
        try (HookedTransformer exact = Fixtures.raw(Fixtures.committed("gpt2"))) {
            float before = exact.loss(TOKENS);
            int managed = NativeLibrary.start().getManagedArrays().size();
            exact.computing(ComputeType.BFLOAT16).close();
            assertThat(exact.loss(TOKENS)).isEqualTo(before);
            assertThat(NativeLibrary.start().getManagedArrays()).hasSize(managed);
        }
    }

    @Test
    void activations_have_gradients_and_parameters_have_none() {
        RunOptions back = RunOptions.defaults().withMetric(Metric.logit(5));
        try (HookedTransformer exact = Fixtures.raw(Fixtures.committed("gpt2"));
                HookedTransformer fast = exact.computing(ComputeType.BFLOAT16);
                Run run = fast.run(TOKENS, back.withGradientsOf("blocks.0.hook_resid_pre"))) {
            assertThat(run.cache().get("blocks.0.hook_resid_pre_grad").norm().getFloat())
                    .isPositive();
            assertThatThrownBy(() -> fast.run(TOKENS, back.withParameterGradientsOf("blocks.0.attn.W_Q")))
                    .isInstanceOf(UsageException.class)
                    .hasMessage(
                            "This model takes its products in bfloat16, of copies of its parameters, and those have no gradient. Take gradients by parameters from the float32 model it was made of.");
        }
    }

    @Test
    void other_types_are_refused_with_what_there_is() {
        assertThat(ComputeType.named("BF16")).isEqualTo(ComputeType.BFLOAT16);
        assertThatThrownBy(() -> ComputeType.named("float16"))
                .isInstanceOf(UnknownNameException.class)
                .hasMessageContaining("Closest of 3: ")
                .hasMessageContaining("bfloat16");
    }
}
