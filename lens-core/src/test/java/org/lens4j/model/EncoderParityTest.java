package org.lens4j.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import java.nio.LongBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.lens4j.Fixtures;
import org.lens4j.cache.ActivationCache;
import org.lens4j.error.StateException;
import org.lens4j.hub.ModelFiles;
import org.lens4j.load.LoadOptions;
import org.lens4j.load.Pretrained;
import org.lens4j.text.Tokens;
import org.lens4j.weights.Safetensors;

/** Every activation and parameter of an encoder equals what TransformerLens 2.15.4 computes for the same files. */
class EncoderParityTest {
    private static final String RAW = "raw/";
    private static final String MASKED = "raw_masked/";
    private static final String WEIGHTS = "weights_raw/";
    private static final String LAST = "blocks.%d.hook_normalized_resid_post";
    /** Results of a run rather than hook points. */
    private static final List<String> NOT_HOOKS = List.of("logits", "encoder_output", "pooler_output", "nsp_logits");

    static Stream<Path> models() {
        return Fixtures.encoders().stream();
    }

    private static HookedEncoder load(ModelFiles files) {
        return Pretrained.load(files, LoadOptions.defaults()).as(HookedEncoder.class);
    }

    private static HookedEncoder load(Path folder) {
        return load(ModelFiles.ofDirectory(folder));
    }

    private static long[][] rows(Safetensors expected, String name, Tokens like) {
        LongBuffer stored = expected.bytes(name).asLongBuffer();
        long[][] rows = new long[like.batch()][like.pos()];
        for (long[] row : rows) {
            stored.get(row);
        }
        return rows;
    }

    /** The tokens with their segments and padding. */
    private static Tokens maskedTokens(Safetensors expected) {
        Tokens tokens = Fixtures.tokens(expected);
        long[][] mask = rows(expected, "attention_mask", tokens);
        boolean[][] attended = new boolean[mask.length][tokens.pos()];
        for (int row = 0; row < mask.length; row++) {
            for (int pos = 0; pos < tokens.pos(); pos++) {
                attended[row][pos] = mask[row][pos] == 1;
            }
        }
        return tokens.withAttended(attended).withSegments(rows(expected, "token_type_ids", tokens));
    }

    private static List<String> hooks(Safetensors expected, String group) {
        return expected.names().stream()
                .filter(it -> it.startsWith(group))
                .map(it -> it.substring(group.length()))
                .filter(it -> !NOT_HOOKS.contains(it))
                .toList();
    }

    private static void assertEqual(Safetensors expected, String group, Run run) {
        List<String> wrong = new ArrayList<>();
        double worst = 0;
        String worstHook = "";
        for (String hook : hooks(expected, group)) {
            double distance =
                    Fixtures.distance(expected, group + hook, run.cache().get(hook));
            if (distance > Fixtures.TOLERANCE) {
                wrong.add(hook + " by " + distance);
            }
            if (distance >= worst) {
                worst = distance;
                worstHook = hook;
            }
        }
        System.out.printf(
                "%s: %d activations, worst %s by %.2e%n", group, run.cache().size(), worstHook, worst);
        assertThat(wrong).isEmpty();
        assertThat(Fixtures.distance(expected, group + "logits", run.logits())).isLessThan(Fixtures.TOLERANCE);
    }

    @ParameterizedTest
    @MethodSource("models")
    void every_activation_equals_the_reference(Path folder) {
        Safetensors expected = Fixtures.expected(folder);
        try (HookedEncoder model = load(folder);
                Run run = model.runWithCache(Fixtures.tokens(expected))) {
            assertEqual(expected, RAW, run);
        }
    }

    @ParameterizedTest
    @MethodSource("models")
    void every_activation_of_padded_texts_in_segments_equals_the_reference(Path folder) {
        Safetensors expected = Fixtures.expected(folder);
        try (HookedEncoder model = load(folder);
                Run run = model.runWithCache(maskedTokens(expected))) {
            assertEqual(expected, MASKED, run);
            String last = LAST.formatted(model.config().nLayers() - 1);
            assertThat(Fixtures.distance(
                            expected, MASKED + "encoder_output", run.cache().get(last)))
                    .isLessThan(Fixtures.TOLERANCE);
        }
    }

    @ParameterizedTest
    @MethodSource("models")
    void the_pooler_and_the_head_for_the_next_sentence_equal_the_reference(Path folder) {
        Safetensors expected = Fixtures.expected(folder);
        Tokens tokens = maskedTokens(expected);
        RunOptions options =
                RunOptions.defaults().withNextSentence().withCached("pooler.hook_pooler_out", "nsp_head.hook_nsp_out");
        try (HookedEncoder model = load(folder);
                ActivationCache cache = model.cache(tokens, options)) {
            assertThat(Fixtures.distance(expected, MASKED + "pooler_output", cache.get("pooler.hook_pooler_out")))
                    .isLessThan(Fixtures.TOLERANCE);
            NDArray scores = cache.get("nsp_head.hook_nsp_out");
            assertThat(Fixtures.distance(expected, MASKED + "nsp_logits", scores))
                    .isLessThan(Fixtures.TOLERANCE);
            float[] both = scores.toFloatArray();
            double sure = Math.exp(both[0]) / (Math.exp(both[0]) + Math.exp(both[1]));
            assertThat((double) model.nextSentence(tokens)).isCloseTo(sure, org.assertj.core.data.Offset.offset(1e-6));
        }
    }

    @ParameterizedTest
    @MethodSource("models")
    void the_hook_points_fire_in_the_order_of_the_reference(Path folder) {
        Safetensors expected = Fixtures.expected(folder);
        try (HookedEncoder model = load(folder);
                Run run = model.runWithCache(Fixtures.tokens(expected))) {
            assertThat(run.cache().names()).containsExactlyElementsOf(hooks(expected, RAW));
            assertThat(model.hooks().all().stream()
                            .filter(it -> it.point().gate().isEmpty())
                            .map(Object::toString))
                    .containsExactlyElementsOf(hooks(expected, RAW));
        }
    }

    @ParameterizedTest
    @MethodSource("models")
    void every_hook_point_has_the_shape_it_is_said_to_have(Path folder) {
        Tokens tokens = Fixtures.tokens(Fixtures.expected(folder));
        RunOptions everything = RunOptions.defaults()
                .withAttnResult()
                .withSplitQkvInput()
                .withMlpIn()
                .withNextSentence()
                .withCached("*");
        try (HookedEncoder model = load(folder);
                Run run = model.run(tokens, everything)) {
            assertThat(run.cache().names())
                    .containsExactlyElementsOf(
                            model.hooks().all().stream().map(Object::toString).toList());
            for (String name : run.cache().names()) {
                assertThat(run.cache().get(name).getShape())
                        .as(name)
                        .isEqualTo(model.hooks()
                                .shape(model.hooks().named(name), everything.gates(), tokens.batch(), tokens.pos()));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("models")
    void every_parameter_equals_the_reference_under_its_name(Path folder) {
        Safetensors expected = Fixtures.expected(folder);
        try (HookedEncoder model = load(folder)) {
            List<String> names = hooks(expected, WEIGHTS);
            assertThat(model.parameters().names()).containsExactlyInAnyOrderElementsOf(names);
            for (String name : names) {
                assertThat(Fixtures.distance(expected, WEIGHTS + name, model.parameter(name)))
                        .as(name)
                        .isZero();
            }
        }
    }

    @ParameterizedTest
    @MethodSource("models")
    void a_checkpoint_with_the_old_names_of_norms_is_the_same_model(Path folder) {
        Path old = folder.resolve("model_gamma_beta.safetensors");
        assertThat(Files.isRegularFile(old)).isTrue();
        Safetensors expected = Fixtures.expected(folder);
        try (HookedEncoder model = load(ModelFiles.ofCheckpoint(old))) {
            for (String name : hooks(expected, WEIGHTS)) {
                assertThat(Fixtures.distance(expected, WEIGHTS + name, model.parameter(name)))
                        .as(name)
                        .isZero();
            }
        }
    }

    @ParameterizedTest
    @MethodSource("models")
    void a_cache_of_an_early_layer_equals_that_of_a_whole_run(Path folder) {
        Tokens tokens = maskedTokens(Fixtures.expected(folder));
        String hook = "blocks.0.hook_normalized_resid_post";
        try (HookedEncoder model = load(folder);
                ActivationCache early = model.cache(tokens, hook);
                Run whole = model.runWithCache(tokens, hook)) {
            assertThat(early.get(hook).toFloatArray())
                    .isEqualTo(whole.cache().get(hook).toFloatArray());
        }
    }

    @ParameterizedTest
    @MethodSource("models")
    void switches_change_no_logits(Path folder) {
        Tokens tokens = maskedTokens(Fixtures.expected(folder));
        RunOptions split = RunOptions.defaults().withAttnResult().withSplitQkvInput();
        try (HookedEncoder model = load(folder);
                Run plain = model.run(tokens);
                Run other = model.run(tokens, split)) {
            assertThat(Fixtures.distance(Fixtures.expected(folder), MASKED + "logits", other.logits()))
                    .isLessThan(Fixtures.TOLERANCE);
            assertThat(plain.logits().getShape()).isEqualTo(other.logits().getShape());
        }
    }

    @ParameterizedTest
    @MethodSource("models")
    void what_was_read_cannot_be_remembered(Path folder) {
        Tokens tokens = Fixtures.tokens(Fixtures.expected(folder));
        try (HookedEncoder model = load(folder);
                KvCache past = new KvCache()) {
            assertThatThrownBy(() -> model.run(tokens, RunOptions.defaults().withPast(past)))
                    .isInstanceOf(StateException.class)
                    .hasMessageContaining("reads in both directions");
        }
    }
}
