package org.lens4j.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lens4j.Fixtures;
import org.lens4j.Lens;
import org.lens4j.error.StateException;
import org.lens4j.error.UsageException;
import org.lens4j.model.HookedEncoder;
import org.lens4j.model.HookedModel;
import org.lens4j.model.HookedTransformer;
import org.lens4j.model.Run;
import org.lens4j.model.RunOptions;
import org.lens4j.text.Tokens;
import org.lens4j.weights.Safetensors;
import org.lens4j.weights.SafetensorsWriter;

/** What a directory with an encoder becomes. */
class EncoderLoadTest {
    private static final Path BERT = Fixtures.committed("bert");
    private static final Tokens TOKENS = Tokens.of(new long[] {2, 10, 4, 12, 3});

    @TempDir
    private Path folder;

    private static SafetensorsWriter.Floats floats(Safetensors file, String name) {
        FloatBuffer stored = file.bytes(name).asFloatBuffer();
        float[] values = new float[stored.remaining()];
        stored.get(values);
        return new SafetensorsWriter.Floats(file.entry(name).dimensions(), values);
    }

    /** The fixture without the tensors whose names begin so. */
    private void copyWithout(String prefix) throws IOException {
        Safetensors file = Safetensors.open(BERT.resolve("model.safetensors"));
        Map<String, SafetensorsWriter.Floats> tensors = new LinkedHashMap<>();
        file.names().stream().filter(it -> !it.startsWith(prefix)).forEach(it -> tensors.put(it, floats(file, it)));
        SafetensorsWriter.write(folder.resolve("model.safetensors"), tensors);
        Files.copy(BERT.resolve("config.json"), folder.resolve("config.json"));
    }

    @Test
    void the_class_of_a_model_follows_from_its_files() {
        try (HookedModel bert = Lens.loadModel(BERT.toString());
                HookedModel neo = Lens.loadModel(Fixtures.committed("gpt_neo").toString())) {
            assertThat(bert).isInstanceOf(HookedEncoder.class);
            assertThat(neo).isInstanceOf(HookedTransformer.class);
        }
    }

    @Test
    void a_model_asked_for_as_another_class_is_refused_with_the_way_to_load_it() {
        assertThatThrownBy(() -> Lens.load(BERT.toString()))
                .isInstanceOf(UsageException.class)
                .hasMessageEndingWith(
                        "is a HookedEncoder, not a HookedTransformer. Load it with Lens.loadEncoder or, of any class, Lens.loadModel.");
        assertThatThrownBy(() -> Lens.loadEncoder(Fixtures.committed("gpt_neo").toString()))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("Load it with Lens.load or");
    }

    @Test
    void the_report_says_that_processing_does_not_apply_and_the_check_passes() {
        Pretrained loaded = Pretrained.load(BERT.toString());
        try (HookedModel bert = loaded.hooked()) {
            assertThat(loaded.report().family()).isEqualTo("BertForMaskedLM");
            assertThat(loaded.report().rewrites().text())
                    .isEqualTo(
                            "raw, as in the file; skipped processing (it does not apply: the rewrites are for decoders of one stack)");
            SelfCheck check = loaded.checked().report().check().orElseThrow();
            assertThat(check.passed()).as(check.line()).isTrue();
            assertThat(check.measurements()).hasSize(3);
            assertThat(bert.hasTokenizer()).isFalse();
        }
    }

    @Test
    void a_checkpoint_without_the_head_for_the_next_sentence_loads_and_refuses_only_that() throws IOException {
        copyWithout("cls.seq_relationship");
        try (HookedEncoder bert = Lens.loadEncoder(folder.toString());
                HookedEncoder whole = Lens.loadEncoder(BERT.toString());
                Run run = bert.run(TOKENS);
                Run expected = whole.run(TOKENS)) {
            assertThat(run.logits().toFloatArray()).isEqualTo(expected.logits().toFloatArray());
            assertThat(bert.parameters().has("pooler.W")).isTrue();
            assertThat(bert.parameters().has("nsp_head.W")).isFalse();
            assertThatThrownBy(() -> bert.nextSentence(TOKENS))
                    .isInstanceOf(StateException.class)
                    .hasMessageContaining("hold no head for the next sentence");
            assertThatThrownBy(() -> whole.run(TOKENS, RunOptions.defaults().withCached("pooler.hook_pooler_out")))
                    .isInstanceOf(UsageException.class)
                    .hasMessageContaining("withNextSentence()");
        }
    }

    @Test
    void what_is_written_is_loaded_again_bit_for_bit(@TempDir Path copy) throws IOException {
        copyWithout("bert.pooler");
        String config = Files.readString(folder.resolve("config.json"));
        try (HookedEncoder bert = Lens.loadEncoder(folder.toString())) {
            CheckpointWriter.of("config.json", config).write(copy, bert.parameters());
            try (HookedEncoder again = Lens.loadEncoder(copy.toString())) {
                assertThat(again.parameters().names())
                        .containsExactlyElementsOf(bert.parameters().names());
                for (String name : bert.parameters().names()) {
                    NDArray values = again.parameter(name);
                    assertThat(values.toFloatArray())
                            .as(name)
                            .isEqualTo(bert.parameter(name).toFloatArray());
                }
            }
        }
    }

    @Test
    void a_segment_the_model_has_no_vector_for_is_refused() {
        try (HookedEncoder bert = Lens.loadEncoder(BERT.toString())) {
            assertThatThrownBy(() -> bert.run(TOKENS.withSegments(new long[] {0, 0, 1, 1, 2})))
                    .hasMessageStartingWith("Position 4 of sequence 0 is in segment 2, and bert has segments 0 to 1.");
        }
    }
}
