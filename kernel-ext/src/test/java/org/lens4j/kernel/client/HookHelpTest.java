package org.lens4j.kernel.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lens4j.kernel.host.KernelMain;

/** Hook names, models and layers while one types, in magics and in the texts of Java. */
class HookHelpTest {
    private static KernelClient kernel;

    @BeforeAll
    static void start() throws IOException {
        kernel = TestKernels.start(TestKernels.command(KernelMain.class.getName()));
        TestKernels.run(kernel, "%load demo\n%prompt When Mary and John went");
    }

    @AfterAll
    static void stop() {
        kernel.close();
    }

    private static KernelClient.Completions complete(String code) {
        return kernel.complete(code, code.length());
    }

    @Test
    void hook_names_are_completed_in_magics_and_in_texts() {
        assertThat(complete("%cache blocks.1.attn.hook_pat").matches()).containsExactly("blocks.1.attn.hook_pattern");
        String code = "int a = 1;\nvar x = lens.runWithCache(\"blocks.1.attn.hook_pat";
        assertThat(complete(code))
                .isEqualTo(new KernelClient.Completions(
                        List.of("blocks.1.attn.hook_pattern"), code.indexOf("blocks"), code.length()));
        assertThat(complete("var x = \"closed\"; lens.mod").matches()).contains("models()");
        assertThat(complete("// lens.runWithCache(\"blocks.1.attn.hook_pat").matches())
                .isEmpty();
    }

    @Test
    void models_layers_and_flags_are_completed() {
        assertThat(complete("%load gpt2-s").matches()).contains("gpt2-small");
        assertThat(complete("%attn ").matches()).startsWith("0", "1", "2");
        assertThat(complete("%attn 1.").matches()).containsExactly("1.0", "1.1");
        assertThat(complete("%next --t").matches()).containsExactly("--top");
    }

    @Test
    void a_glob_and_a_part_of_a_hook_name_are_completed() {
        assertThat(complete("%cache blocks.*.hook_resid_p").matches())
                .containsExactly("blocks.*.hook_resid_pre", "blocks.*.hook_resid_post");
        assertThat(complete("lens.runWithCache(\"blocks.*.attn.hook_pat").matches())
                .containsExactly("blocks.*.attn.hook_pattern");
        assertThat(complete("%cache hook_pattern").matches())
                .containsExactly(
                        "blocks.0.attn.hook_pattern", "blocks.1.attn.hook_pattern", "blocks.2.attn.hook_pattern");
        assertThat(complete("%hooks *1*resid_pr").matches()).containsExactly("blocks.1.hook_resid_pre");
        assertThat(complete("%cache nothing").matches()).isEmpty();
    }

    @Test
    void variables_are_completed_in_the_line_of_a_magic() {
        TestKernels.run(kernel, "int layerOfIt = 1; var layers = List.of(1);");
        assertThat(complete("%attn $la").matches()).containsExactly("$layerOfIt", "$layers");
        assertThat(complete("%export x.csv $").matches()).contains("$lens", "$layers");
        assertThat(complete("%cache blocks.$layerO"))
                .isEqualTo(new KernelClient.Completions(List.of("blocks.$layerOfIt"), 7, 21));
        assertThat(complete("%prompt $$la").matches()).isEmpty();
    }

    @Test
    void files_are_completed(@TempDir Path folder) throws IOException {
        Files.createDirectory(folder.resolve("models"));
        Files.writeString(folder.resolve("more.txt"), "");
        Files.writeString(folder.resolve(".more"), "");
        for (String line : List.of("%harvest --in ", "%neurons 1.3 --texts ", "%export ", "%load ")) {
            assertThat(complete(line + folder + "/mo").matches())
                    .as(line)
                    .containsExactly(folder + "/models/", folder + "/more.txt");
        }
        assertThat(complete("%export " + folder + "/.m").matches()).containsExactly(folder + "/.more");
        assertThat(complete("%export " + folder + "/none/").matches()).isEmpty();
    }

    @Test
    void where_a_model_is_loaded_its_name_is_completed() {
        assertThat(complete("var m = Lens.load(\"gpt2-s").matches()).contains("gpt2-small");
        assertThat(complete("lens.load(\"dem").matches()).containsExactly("demo");
        assertThat(complete("lens.model(\"dem").matches()).isEmpty();
    }

    @Test
    void a_cell_magic_is_one_that_takes_a_cell() {
        assertThat(complete("%%").matches()).containsExactly("prompt", "prompts", "sweep", "time");
        assertThat(complete("%").matches()).contains("attn", "prompt");
    }

    @Test
    void a_hook_name_is_explained_with_its_shape() {
        String java = "lens.runWithCache(\"blocks.1.attn.hook_pattern\")";
        assertThat(kernel.inspect(java, java.indexOf("attn")).orElseThrow())
                .contains("Hook point of demo, sizes for the prompt's 6 tokens")
                .contains("[batch=1 head=2 query_pos=6 key_pos=6]");
        assertThat(kernel.inspect("%cache blocks.*.hook_resid_post", 15).orElseThrow())
                .startsWith("3 hook points of demo")
                .contains("blocks.2.hook_resid_post", "[batch=1 pos=6 d_model=64]");
        assertThat(kernel.inspect("%cache blocks.*.hook_resid_post", 3).orElseThrow())
                .startsWith("%cache: ");
        assertThat(kernel.inspect("\"nothing like it\"", 4)).isEmpty();
    }
}
