package org.lens4j.kernel.magic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lens4j.error.UsageException;
import org.lens4j.hub.ModelFiles;
import org.lens4j.kernel.TinyHub;
import org.lens4j.kernel.session.LensSession;
import org.lens4j.model.HookedTransformer;

class LoadMagicTest {
    private static final DemoMagics MAGICS = new DemoMagics();

    @BeforeEach
    void begin() {
        MAGICS.lens().load("demo");
        MAGICS.lens().prompt(DemoMagics.PROMPT);
        MAGICS.host().displayed().clear();
    }

    @AfterAll
    static void close() {
        MAGICS.close();
    }

    @TempDir
    private Path folder;

    @Test
    void a_script_or_notebook_is_run_instead_of_loaded() throws Exception {
        Path script = Files.writeString(folder.resolve("x.jsh"), "int a = 1;");
        MAGICS.run("%load \"" + script + "\"");
        Path notebook = Files.writeString(
                folder.resolve("x.ipynb"),
                "{\"cells\":[{\"cell_type\":\"markdown\",\"source\":\"# no\"},"
                        + "{\"cell_type\":\"code\",\"source\":[\"int b = 2;\\n\",\"b\"]},"
                        + "{\"cell_type\":\"code\",\"source\":\"b + a\"}],\"nbformat\":4}");
        MAGICS.run("%load \"" + notebook + "\"");
        assertThat(MAGICS.host().evaluated()).containsExactly("int a = 1;", "int b = 2;\nb", "b + a");
        Path broken = Files.writeString(folder.resolve("y.ipynb"), "{}");
        assertThatThrownBy(() -> MAGICS.run("%load \"" + broken + "\""))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("is not a Jupyter notebook");
    }

    @Test
    void a_loaded_model_is_reported_in_three_lines() throws Exception {
        assertThat(MAGICS.shown("%load demo --as checked").plain().lines())
                .hasSize(3)
                .anyMatch(it -> it.startsWith("demo: GPTNeoForCausalLM, "))
                .anyMatch(it -> it.startsWith("weights: fold_ln, center_writing_weights, "))
                .anyMatch(it -> it.startsWith("self-check passed: "));
        assertThat(MAGICS.shown("%load demo --as raw --no-processing").plain())
                .contains("weights: raw, as in the file");
        assertThat(MAGICS.shown("%load demo --as less --without fold_ln --no-check")
                        .plain())
                .contains("weights: center_writing_weights, center_unembed, fold_value_biases")
                .endsWith("self-check left out");
        assertThat(MAGICS.lens().model("raw").raw()).isSameAs(MAGICS.lens().model("raw"));
        assertThat(MAGICS.lens().model("raw").processed())
                .isNotSameAs(MAGICS.lens().model("raw"));
        MAGICS.lens().load("demo");
    }

    @Test
    void a_checkpoint_file_is_loaded_with_another_models_config() throws Exception {
        Path weights = folder.resolve("weights.safetensors");
        Path demo = ModelFiles.locate("demo").directory();
        Files.copy(demo.resolve("model.safetensors"), weights);
        HookedTransformer model = MAGICS.value(
                "%load \"" + weights + "\" --as-config demo --as mine --no-check", HookedTransformer.class);
        assertThat(model.parameters().count())
                .isEqualTo(MAGICS.lens().model("demo").parameters().count());
        MAGICS.lens().load("demo");
    }

    @Test
    void an_encoder_loads_by_its_path_and_other_magics_say_what_it_is() throws Exception {
        try (LensSession lens = new LensSession()) {
            MagicTable magics = LensMagics.of(lens);
            String bert = TinyHub.neo().resolveSibling("bert").toString();
            assertThat(magics.run(MagicCall.line("load", bert + " --java"), MAGICS.host())
                            .shown()
                            .orElseThrow()
                            .plain())
                    .isEqualTo("lens.loadModel(%s, LoadOptions.defaults())".formatted(JavaText.literal(bert)));
            MagicResult loaded = magics.run(MagicCall.line("load", bert), MAGICS.host());
            assertThat(loaded.shown().orElseThrow().plain()).contains("BertForMaskedLM");
            assertThat(magics.run(MagicCall.line("hooks", "blocks.0.*"), MAGICS.host())
                            .shown()
                            .orElseThrow()
                            .plain())
                    .contains("blocks.0.hook_normalized_resid_post");
            assertThat(lens.encoder()).isSameAs(lens.hooked());
            assertThatThrownBy(() -> magics.run(MagicCall.line("logitlens", ""), MAGICS.host()))
                    .isInstanceOf(UsageException.class)
                    .hasMessage(
                            "bert is a HookedEncoder, and this is for a HookedTransformer. It is lens.encoder(), or of any class lens.hooked().");
            assertThatThrownBy(() -> lens.load(bert)).isInstanceOf(UsageException.class);
            assertThat(lens.encoder().parameters().get("mlm_head.W").isReleased())
                    .isFalse();
        }
    }
}
