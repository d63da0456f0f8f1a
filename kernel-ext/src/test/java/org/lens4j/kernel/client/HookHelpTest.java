package org.lens4j.kernel.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
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
