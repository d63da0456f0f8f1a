package org.lens4j.analysis.parity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.lens4j.Fixtures;
import org.lens4j.Lens;
import org.lens4j.cache.CacheWriter;
import org.lens4j.error.CheckpointException;
import org.lens4j.error.UnknownNameException;
import org.lens4j.error.UsageException;
import org.lens4j.hook.Gate;
import org.lens4j.hook.Hooks;
import org.lens4j.load.LoadOptions;
import org.lens4j.model.HookedTransformer;
import org.lens4j.model.Run;
import org.lens4j.model.RunOptions;
import org.lens4j.text.Tokens;
import org.lens4j.weights.Safetensors;
import org.lens4j.weights.SafetensorsWriter;
import org.lens4j.weights.TensorEntry;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ParityTest {
    private static final Tokens TOKENS = Tokens.of(new long[] {3, 1, 4, 1}, new long[] {5, 9, 2, 6});
    private static final String RESID = "blocks.1.hook_resid_post";

    private HookedTransformer demo = Lens.load("demo");

    @TempDir
    static Path folder;

    private Path own = Path.of("");

    @BeforeAll
    void write_a_reference() throws IOException {
        own = folder.resolve("own.safetensors");
        try (Run run = demo.runWithCache(TOKENS)) {
            CacheWriter.of(run.cache()).with("logits", run.logits()).write(own);
        }
    }

    @AfterAll
    void close() {
        demo.close();
    }

    private Parity parity(Path file) {
        return Parity.of(demo, Reference.open(file), RunOptions.defaults(), Parity.TOLERANCE);
    }

    /** The reference with some of its tensors changed. */
    private Path changed(String name, Consumer<Map<String, SafetensorsWriter.Tensor>> change) throws IOException {
        Safetensors before = Safetensors.open(own);
        Map<String, SafetensorsWriter.Tensor> tensors = new LinkedHashMap<>();
        for (TensorEntry entry : before.entries()) {
            tensors.put(
                    entry.name(),
                    new SafetensorsWriter.Streamed(
                            entry.dimensions(),
                            entry.type(),
                            (from, count) -> before.bytes(
                                    entry.name(),
                                    from * entry.type().bytes(),
                                    count * entry.type().bytes())));
        }
        change.accept(tensors);
        Path file = folder.resolve(name);
        SafetensorsWriter.write(file, tensors);
        return file;
    }

    @Test
    void a_model_equals_itself() {
        Parity parity = parity(own);
        assertThat(parity.holds()).isTrue();
        assertThat(parity.absent()).isEmpty();
        assertThat(parity.worst().orElseThrow().difference().relative()).isZero();
        assertThat(parity.compared()).hasSize(Reference.open(own).names().size());
    }

    @Test
    void one_changed_number_is_found_with_its_place() throws IOException {
        Path file = changed("changed.safetensors", tensors -> {
            SafetensorsWriter.Tensor before = Objects.requireNonNull(tensors.get(RESID));
            long width = before.shape()[2];
            tensors.put(RESID, new SafetensorsWriter.Streamed(before.shape(), before.type(), (from, count) -> {
                java.nio.ByteBuffer bytes =
                        java.nio.ByteBuffer.allocate(count * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
                bytes.put(before.piece(from, count)).flip();
                int at = Math.toIntExact((4 + 2) * width + 7) * Float.BYTES;
                return bytes.putFloat(at, bytes.getFloat(at) + 0.5f);
            }));
        });
        Parity parity = parity(file);
        assertThat(parity.holds()).isFalse();
        assertThat(parity.disagreements()).hasSize(1);
        Finding.Compared worst = parity.worst().orElseThrow();
        assertThat(worst.name()).isEqualTo(RESID);
        assertThat(worst.where()).isEqualTo("[batch=1 pos=2 d_model=7]");
        assertThat(worst.difference().absolute()).isCloseTo(0.5, org.assertj.core.data.Offset.offset(1e-5));
    }

    @Test
    void an_edited_run_disagrees_from_the_edited_hook_on() {
        Hooks nudge = Hooks.none().edit("blocks.1.hook_resid_pre", (x, at) -> x.add(x));
        Parity parity =
                Parity.of(demo, Reference.open(own), RunOptions.defaults().withHooks(nudge), Parity.TOLERANCE);
        assertThat(parity.disagreements().get(0).name()).isEqualTo("blocks.1.hook_resid_pre");
        assertThat(parity.disagreements()).extracting(Finding::name).contains("logits");
    }

    @Test
    void names_shapes_and_switches_that_do_not_fit_are_findings() throws IOException {
        SafetensorsWriter.Tensor one = new SafetensorsWriter.Floats(new long[] {1}, new float[1]);
        Path file = changed("odd.safetensors", tensors -> {
            tensors.put("blocks.0.hook_z", one);
            tensors.put("hook_embed", one);
            tensors.put("blocks.0.attn.hook_result", one);
            tensors.remove("blocks.0.hook_attn_out");
        });
        Parity parity = parity(file);
        assertThat(parity.absent()).containsExactly("blocks.0.hook_attn_out");
        assertThat(parity.disagreements())
                .contains(new Finding.Off("blocks.0.attn.hook_result", Gate.ATTN_RESULT))
                .contains(new Finding.Misshapen("hook_embed", List.of(1L), List.of(2L, 4L, (long)
                        demo.config().dModel())))
                .hasSize(3);
        Finding unknown = parity.disagreements().get(1);
        assertThat(((Finding.Unknown) unknown).closest().get(0)).isEqualTo("blocks.0.attn.hook_z");
    }

    @Test
    void equal_infinities_are_equal_and_nan_never_is() {
        float inf = Float.POSITIVE_INFINITY;
        assertThat(Difference.of(new float[] {-inf, inf}, new float[] {-inf, inf})
                        .relative())
                .isZero();
        assertThat(Difference.of(new float[] {1, -inf}, new float[] {1, inf})).isEqualTo(new Difference(inf, inf, 1));
        assertThat(Difference.of(new float[] {1, -inf}, new float[] {1, 3})).isEqualTo(new Difference(inf, inf, 1));
        assertThat(Difference.of(new float[] {1, 2}, new float[] {1, Float.NaN}))
                .isEqualTo(new Difference(inf, inf, 1));
        assertThat(Difference.of(new float[] {9}, new float[] {10})).isEqualTo(new Difference(1, 0.1, 0));
    }

    @Test
    void a_file_of_several_runs_wants_a_group() {
        Path file = Fixtures.committed("gpt_neo").resolve("expected.safetensors");
        assertThatThrownBy(() -> Reference.open(file))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("holds several runs: ")
                .hasMessageContaining("raw")
                .hasMessageContaining("Choose one with --group ");
        assertThatThrownBy(() -> Reference.open(file, "row"))
                .isInstanceOf(UnknownNameException.class)
                .hasMessageContaining("Unknown group \"row\"")
                .hasMessageContaining("raw");
        assertThat(Reference.open(file, "raw/").names()).contains("logits", "loss", "hook_embed");
    }

    @Test
    void a_file_without_activations_is_refused() throws IOException {
        Path file = folder.resolve("weights.safetensors");
        SafetensorsWriter.write(file, Map.of("wte.weight", new SafetensorsWriter.Floats(new long[] {1}, new float[1])));
        assertThatThrownBy(() -> Reference.open(file))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("holds no activations: none of its 1 names is logits or a hook point.");
    }

    @Test
    void the_loss_of_a_reference_is_compared_too() {
        try (HookedTransformer neo = Lens.load(
                Fixtures.committed("gpt_neo").toString(), LoadOptions.defaults().noProcessing())) {
            Reference raw = Reference.open(Fixtures.committed("gpt_neo").resolve("expected.safetensors"), "raw");
            Parity parity = Parity.of(neo, raw, RunOptions.defaults(), Parity.TOLERANCE);
            assertThat(parity.disagreements()).isEmpty();
            assertThat(parity.compared()).extracting(Finding.Compared::name).contains("loss", "loss_per_token");
        }
    }
}
