package org.lens4j.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.lens4j.Fixtures;
import org.lens4j.Lens;
import org.lens4j.analysis.parity.Difference;
import org.lens4j.analysis.parity.Parity;
import org.lens4j.analysis.parity.Reference;
import org.lens4j.cache.CacheWriter;
import org.lens4j.error.RangeException;
import org.lens4j.error.ShapeException;
import org.lens4j.hook.Hooks;
import org.lens4j.load.Pretrained;
import org.lens4j.tensor.Scope;
import org.lens4j.text.Tokens;

/** T5 on random weights beside an implementation in plain loops. */
class HookedEncoderDecoderTest {
    private static final int READ = 40;
    private static final int SAID = 30;

    @TempDir
    private Path folder;

    private T5Reference write(String config) throws IOException {
        String text = Files.readString(Path.of("src/test/resources/configs", config));
        T5Reference reference = new T5Reference(JsonParser.parseString(text).getAsJsonObject(), 7);
        reference.write(folder, text);
        return reference;
    }

    private HookedEncoderDecoder load() {
        return Lens.loadEncoderDecoder(folder.toString());
    }

    private static long[][] ids(int count, long seed) {
        Random random = new Random(seed);
        long[][] ids = new long[2][count];
        for (long[] row : ids) {
            Arrays.setAll(row, it -> random.nextInt(61));
        }
        return ids;
    }

    /** The second text is shorter than the first, and padded. */
    private static boolean[][] attended() {
        boolean[][] attended = new boolean[2][READ];
        Arrays.fill(attended[0], true);
        Arrays.fill(attended[1], 0, READ - 9, true);
        return attended;
    }

    @ParameterizedTest
    @ValueSource(strings = {"t5.json", "t5_gated.json"})
    void every_activation_equals_plain_loops(String config) throws IOException {
        Map<String, float[]> expected = write(config).run(ids(READ, 1), attended(), ids(SAID, 2));
        Tokens input = Tokens.of(ids(READ, 1)).withAttended(attended());
        try (HookedEncoderDecoder model = load();
                Run run = model.run(
                        input, Tokens.of(ids(SAID, 2)), RunOptions.defaults().withCached("*"))) {
            assertThat(run.cache().names())
                    .containsExactlyInAnyOrderElementsOf(expected.keySet().stream()
                            .filter(it -> !it.equals("logits"))
                            .toList());
            double worst = 0;
            for (String name : run.cache().names()) {
                double apart = distance(expected, name, run.cache().get(name));
                assertThat(apart).as(name).isLessThan(Fixtures.TOLERANCE);
                worst = Math.max(worst, apart);
            }
            System.out.printf(
                    "%s: %d activations, worst by %.2e%n", config, run.cache().size(), worst);
            assertThat(distance(expected, "logits", run.logits())).isLessThan(Fixtures.TOLERANCE);
        }
    }

    private static double distance(Map<String, float[]> expected, String name, NDArray actual) {
        float[] wanted = java.util.Objects.requireNonNull(expected.get(name), name);
        float[] values = actual.toFloatArray();
        assertThat(values).as(name).hasSameSizeAs(wanted);
        return Difference.of(wanted, values).relative();
    }

    @Test
    void hook_points_fire_in_the_order_of_the_catalogue() throws IOException {
        write("t5.json");
        try (HookedEncoderDecoder model = load();
                Run run = model.runWithCache(Tokens.of(ids(SAID, 3)))) {
            assertThat(run.cache().names())
                    .containsExactlyElementsOf(model.hooks().all().stream()
                            .filter(it -> it.point().gate().isEmpty())
                            .map(Object::toString)
                            .toList());
        }
    }

    @Test
    void every_hook_point_has_the_shape_it_is_said_to_have() throws IOException {
        write("t5.json");
        RunOptions all = RunOptions.defaults()
                .withAttnResult()
                .withMlpIn()
                .withAttnIn()
                .withSplitQkvInput()
                .withCached("*");
        Tokens tokens = Tokens.of(ids(SAID, 3));
        try (HookedEncoderDecoder model = load();
                Run run = model.run(tokens, tokens, all)) {
            assertThat(run.cache().names())
                    .containsExactlyElementsOf(
                            model.hooks().all().stream().map(Object::toString).toList());
            for (String name : run.cache().names()) {
                assertThat(run.cache().get(name).getShape())
                        .as(name)
                        .isEqualTo(model.hooks().shape(model.hooks().named(name), all.gates(), 2, SAID));
            }
        }
    }

    @Test
    void what_will_be_said_later_changes_nothing_before() throws IOException {
        write("t5.json");
        long[][] said = ids(SAID, 2);
        long[][] other = ids(SAID, 2);
        other[0][SAID - 1] = (said[0][SAID - 1] + 1) % 61;
        try (HookedEncoderDecoder model = load();
                Run first = model.run(Tokens.of(ids(READ, 1)), Tokens.of(said), RunOptions.defaults());
                Run second = model.run(Tokens.of(ids(READ, 1)), Tokens.of(other), RunOptions.defaults())) {
            String before = "0, 0:" + (SAID - 1);
            assertThat(first.logits().get(before).toFloatArray())
                    .isEqualTo(second.logits().get(before).toFloatArray());
            assertThat(first.logits().get("0, " + (SAID - 1)).toFloatArray())
                    .isNotEqualTo(second.logits().get("0, " + (SAID - 1)).toFloatArray());
        }
    }

    @Test
    void without_a_text_to_say_the_decoder_gets_its_start_token() throws IOException {
        write("t5_gated.json");
        Tokens input = Tokens.of(ids(READ, 1));
        try (HookedEncoderDecoder model = load();
                Run alone = model.run(input);
                Run given = model.run(input, Tokens.of(new long[] {2}, new long[] {2}), RunOptions.defaults())) {
            assertThat(alone.logits().getShape().getShape()).containsExactly(2, 1, 61);
            assertThat(alone.logits().toFloatArray()).isEqualTo(given.logits().toFloatArray());
            assertThat(model.decoderTokens(5, 6).ids(0)).containsExactly(2L, 5L, 6L);
        }
    }

    @Test
    void a_hook_on_the_attention_between_the_stacks_changes_what_is_said() throws IOException {
        write("t5.json");
        Tokens input = Tokens.of(ids(READ, 1));
        Hooks blind = Hooks.none().edit("decoder.1.cross_attn.hook_z", (z, at) -> z.zerosLike());
        try (HookedEncoderDecoder model = load();
                Run seeing = model.run(input);
                Run run = model.run(
                        input, RunOptions.defaults().withHooks(blind).withCached("decoder.1.hook_cross_attn_out"))) {
            assertThat(run.cache().get("decoder.1.hook_cross_attn_out").toFloatArray())
                    .containsOnly(0f);
            assertThat(run.logits().toFloatArray()).isNotEqualTo(seeing.logits().toFloatArray());
        }
    }

    @Test
    void a_run_needs_one_text_to_say_for_each_that_is_read() throws IOException {
        write("t5.json");
        try (HookedEncoderDecoder model = load()) {
            assertThatThrownBy(
                            () -> model.run(Tokens.of(ids(READ, 1)), Tokens.of(new long[] {0}), RunOptions.defaults()))
                    .isInstanceOf(ShapeException.class)
                    .hasMessage("2 texts are read and 1 said. Give the decoder one for each.");
            assertThatThrownBy(() -> model.run(Tokens.of(new long[] {61})))
                    .isInstanceOf(RangeException.class)
                    .hasMessageContaining("ids 0 to 60");
        }
    }

    /** The slope of the metric when one number of an activation is moved a little, up and down. */
    private static double slope(HookedEncoderDecoder model, Tokens input, Tokens said, String hook, int index) {
        double step = 1e-3;
        double[] ends = new double[2];
        for (int way = 0; way < 2; way++) {
            double moved = way == 0 ? -step : step;
            Hooks nudge = Hooks.none().edit(hook, (x, at) -> {
                float[] values = x.toFloatArray();
                values[index] += (float) moved;
                return x.getManager().create(values, x.getShape());
            });
            try (Run run = model.run(input, said, RunOptions.defaults().withHooks(nudge))) {
                float[] last = run.logits().get("0, -1").toFloatArray();
                ends[way] = last[5] - last[7];
            }
        }
        return (ends[1] - ends[0]) / (2 * step);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "hook_embed",
                "encoder.1.hook_resid_mid",
                "decoder.0.hook_resid_pre",
                "decoder.0.attn.hook_q",
                "decoder.1.cross_attn.hook_v"
            })
    void gradients_are_the_slopes_of_the_metric(String hook) throws IOException {
        write("t5.json");
        Tokens input = Tokens.of(new long[] {9, 8, 7});
        Tokens said = Tokens.of(new long[] {0, 4});
        RunOptions options =
                RunOptions.defaults().withMetric(Metric.logitDifference(5, 7)).withGradientsOf(hook);
        try (HookedEncoderDecoder model = load();
                Run run = model.run(input, said, options)) {
            float[] gradient = run.cache().get(hook + "_grad").toFloatArray();
            for (int index = 0; index < gradient.length; index += 7) {
                assertThat((double) gradient[index])
                        .as(hook + " " + index)
                        .isCloseTo(slope(model, input, said, hook, index), Offset.offset(5e-3));
            }
            assertThat(gradient).isNotEqualTo(new float[gradient.length]);
        }
    }

    @Test
    void what_was_cached_is_verified_with_the_text_that_was_said() throws IOException {
        write("t5.json");
        Path file = folder.resolve("cache.safetensors");
        Tokens said = Tokens.of(ids(SAID, 2));
        try (HookedEncoderDecoder model = load();
                Run run = model.run(
                        Tokens.of(ids(READ, 1)), said, RunOptions.defaults().withCached("*"));
                Scope scope = Scope.root()) {
            CacheWriter.of(run.cache())
                    .with("logits", run.logits())
                    .with(CacheWriter.DECODER_TOKENS, said.tensor(scope))
                    .write(file);
            Parity parity = Parity.of(model, Reference.open(file), RunOptions.defaults(), 0);
            assertThat(parity.holds()).as(parity.disagreements().toString()).isTrue();
            assertThat(parity.compared()).hasSize(run.cache().size() + 1);
        }
    }

    @Test
    void the_report_says_that_weights_are_not_rewritten() throws IOException {
        write("t5.json");
        Pretrained loaded = Pretrained.load(folder.toString());
        try (HookedModel model = loaded.hooked()) {
            assertThat(model).isInstanceOf(HookedEncoderDecoder.class);
            assertThat(loaded.report().rewrites().applied()).isEmpty();
            assertThat(loaded.report().rewrites().skipped())
                    .extracting(Object::toString)
                    .isEqualTo(List.of("processing (it does not apply: the rewrites are for decoders of one stack)"));
            assertThat(loaded.checked().report().check().orElseThrow().passed()).isTrue();
        }
    }
}
