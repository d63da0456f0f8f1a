package org.lens4j.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.lens4j.Fixtures;
import org.lens4j.Lens;
import org.lens4j.error.CheckpointException;
import org.lens4j.error.StateException;
import org.lens4j.hub.ModelFiles;
import org.lens4j.model.HookedTransformer;
import org.lens4j.model.Run;
import org.lens4j.process.Processing;
import org.lens4j.tensor.Kernels;
import org.lens4j.tensor.Scope;
import org.lens4j.text.Tokens;
import org.lens4j.train.TrainableModel;
import org.lens4j.weights.Safetensors;

/** Both forms of one loaded model in one session. */
class WeightFormTest {
    private static final Path GPT2 = Fixtures.committed("gpt2");
    private static final Tokens TOKENS = Tokens.of(new long[] {3, 1, 4, 1, 5, 9, 2, 6});
    private static final LoadOptions RAW = LoadOptions.defaults().noProcessing();

    static Stream<Path> models() {
        return Fixtures.decoders().stream();
    }

    private static HookedTransformer load(Path directory, LoadOptions options) {
        return Pretrained.load(ModelFiles.ofDirectory(directory), options).model();
    }

    private static float[] values(HookedTransformer model, String parameter) {
        try (Scope scope = Scope.root()) {
            return scope.copy(model.parameters().get(parameter)).toFloatArray();
        }
    }

    private static float[] logProbs(HookedTransformer model) {
        try (Run run = model.run(TOKENS)) {
            return Kernels.call("log_softmax", run.logits()).toFloatArray();
        }
    }

    @ParameterizedTest
    @MethodSource("models")
    void either_form_is_the_same_whichever_was_loaded_first(Path directory) {
        try (HookedTransformer raw = load(directory, RAW);
                HookedTransformer processed = load(directory, LoadOptions.defaults())) {
            for (String name : raw.parameters().names()) {
                assertThat(values(processed.raw(), name)).as("raw " + name).isEqualTo(values(raw, name));
                assertThat(values(raw.processed(), name)).as(name).isEqualTo(values(processed, name));
            }
        }
    }

    @Test
    void raw_weights_equal_the_file_to_the_last_bit() {
        Safetensors file = Safetensors.open(GPT2.resolve("model.safetensors"));
        float[] stored = new float[113 * 32];
        file.bytes("transformer.wte.weight").asFloatBuffer().get(stored);
        try (HookedTransformer model = load(GPT2, LoadOptions.defaults())) {
            assertThat(values(model.raw(), "embed.W_E")).isEqualTo(stored);
            assertThat(values(model, "embed.W_E")).isNotEqualTo(stored);
        }
    }

    @Test
    void log_probabilities_are_the_same_in_both_forms() {
        try (HookedTransformer model = load(GPT2, LoadOptions.defaults())) {
            float[] raw = logProbs(model.raw());
            float[] processed = logProbs(model);
            for (int i = 0; i < raw.length; i++) {
                assertThat(processed[i]).isCloseTo(raw[i], org.assertj.core.data.Offset.offset(1e-4f));
            }
        }
    }

    @Test
    void a_centred_embedding_is_the_same_by_rows_and_whole() {
        try (HookedTransformer model = load(GPT2, LoadOptions.defaults());
                Run before = model.runWithCache(TOKENS, "hook_embed")) {
            float[] byRows = before.cache().get("hook_embed").toFloatArray();
            NDArray table = model.parameter("embed.W_E");
            try (Run after = model.runWithCache(TOKENS, "hook_embed")) {
                assertThat(after.cache().get("hook_embed").toFloatArray()).isEqualTo(byRows);
            }
            NDArray row = table.get(3);
            assertThat(java.util.Arrays.copyOf(byRows, 32)).isEqualTo(row.toFloatArray());
        }
    }

    @Test
    void any_number_of_calls_give_the_same_two_models() {
        try (HookedTransformer model = load(GPT2, LoadOptions.defaults())) {
            HookedTransformer raw = model.raw();
            assertThat(model.processed()).isSameAs(model);
            assertThat(model.raw()).isSameAs(raw);
            assertThat(raw.raw()).isSameAs(raw);
            assertThat(raw.processed()).isSameAs(model);
        }
    }

    @Test
    void closing_the_loaded_model_closes_both() {
        HookedTransformer model = load(GPT2, RAW);
        NDArray own = model.parameters().get("blocks.0.attn.W_Q");
        NDArray others = model.processed().parameters().get("blocks.0.attn.W_Q");
        model.close();
        assertThat(own.isReleased()).isTrue();
        assertThat(others.isReleased()).isTrue();
        assertThatThrownBy(model::processed)
                .isInstanceOf(StateException.class)
                .hasMessage("gpt2 is closed, and its weights are gone. Load it again.");
    }

    @Test
    void closing_only_the_other_form_frees_it_until_it_is_asked_for_again() {
        try (HookedTransformer model = Lens.load("demo")) {
            HookedTransformer first = model.raw();
            NDArray weight = first.parameters().get("blocks.0.attn.W_Q");
            float[] before = logProbs(first);
            first.close();
            assertThat(weight.isReleased()).isTrue();
            assertThat(model.tokenizer().encode("Mary")).isNotEmpty();
            assertThat(model.raw()).isNotSameAs(first);
            assertThat(logProbs(model.raw())).isEqualTo(before);
            assertThat(model.raw().tokenizer()).isSameAs(model.tokenizer());
        }
    }

    @Test
    void a_mapped_weight_stays_readable_while_its_model_is_used() {
        try (HookedTransformer model = load(GPT2, RAW)) {
            float[] before = values(model, "blocks.1.mlp.W_in");
            NDArray view = model.parameter("blocks.1.mlp.W_in").get(0);
            for (int i = 0; i < 3; i++) {
                System.gc();
                assertThat(view.toFloatArray()).isEqualTo(java.util.Arrays.copyOf(before, 128));
            }
        }
    }

    @Test
    void the_files_may_not_change_in_between(@TempDir Path folder) throws IOException {
        for (String name : new String[] {"config.json", "model.safetensors"}) {
            Files.copy(GPT2.resolve(name), folder.resolve(name));
        }
        try (HookedTransformer model = load(folder, LoadOptions.defaults())) {
            Files.setLastModifiedTime(folder.resolve("model.safetensors"), FileTime.fromMillis(1));
            assertThatThrownBy(model::raw)
                    .isInstanceOf(CheckpointException.class)
                    .hasMessageContaining("have changed since it was loaded. Load it again.");
        }
    }

    @Test
    void a_model_made_in_memory_has_no_other_form() throws IOException {
        String config = Files.readString(GPT2.resolve("config.json"));
        try (TrainableModel model = TrainableModel.fresh("x", org.lens4j.family.ConfigJson.parse("x", config), 1)) {
            assertThatThrownBy(() -> model.model().raw())
                    .isInstanceOf(StateException.class)
                    .hasMessageContaining("x was made in memory");
        }
    }

    @Test
    void a_processed_model_may_lack_some_rewrites() {
        LoadOptions some = LoadOptions.defaults().without(Processing.Switch.FOLD_LN);
        Pretrained loaded = Pretrained.load(ModelFiles.ofDirectory(GPT2), some);
        try (HookedTransformer model = loaded.model()) {
            assertThat(loaded.report().rewrites().applied())
                    .doesNotContain("fold_ln")
                    .hasSize(3);
            assertThat(values(model, "ln_final.w")).isEqualTo(values(model.raw(), "ln_final.w"));
            assertThat(Optional.of(model.processed())).containsSame(model);
        }
    }
}
