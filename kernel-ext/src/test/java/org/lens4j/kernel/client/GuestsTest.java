package org.lens4j.kernel.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.lens4j.kernel.notebook.Cell;
import org.lens4j.kernel.notebook.Notebook;

/**
 * The same cells in kernels that are not ours, over real sockets: in stand-ins over the base libraries those kernels are
 * built on, and in the kernels themselves where this machine has them and {@code target/lens4j.jar}.
 */
class GuestsTest {
    private static final Path HOME = Path.of(System.getProperty("lens.home", ".."));
    private static final Path NOTEBOOKS = HOME.resolve("notebooks");
    private static final String PROMPT = "When Mary and John went to the store, John gave a drink to";
    private static final String CALL = "org.lens4j.kernel.host.LensExtension.install();";
    private static final String JAR = "mvn -q -Pjar -Dmaven.test.skip package";

    @Test
    void the_lines_of_the_readme_are_those_that_are_run_here() throws IOException {
        List<String> lines = Files.readAllLines(HOME.resolve("README.md")).stream()
                .map(it -> it.replaceFirst("\\s+(#|//) .*", "").strip())
                .toList();
        assertThat(lines)
                .containsSequence(JAR, "%jars /path/to/lens4j.jar", CALL)
                .containsSequence(JAR, "%classpath /path/to/lens4j.jar");
    }

    @Nested
    class InIJavaStandIn extends Guest {
        @Override
        KernelClient kernel() throws IOException {
            return begin(TestKernels.command("io.github.spencerpark.ijava.JavaKernel"), Map.of());
        }

        @Override
        String install() {
            return CALL;
        }
    }

    @Nested
    class InJJavaStandIn extends Guest {
        @Override
        KernelClient kernel() throws IOException {
            return begin(TestKernels.command("org.lens4j.kernel.host.jjava.JJavaStandIn"), Map.of());
        }

        @Override
        String install() {
            return "%classpath lens4j.jar";
        }
    }

    @Nested
    class InIJava extends Guest {
        @Override
        KernelClient kernel() throws IOException {
            return installed("ijava");
        }

        @Override
        String install() throws IOException {
            return "%jars " + oneJar() + "\n" + CALL;
        }

        @Test
        void the_course_runs() throws IOException {
            courseRuns();
        }

        @Test
        void an_interrupt_leaves_the_session_usable() {
            goesOnAfterAnInterrupt();
        }
    }

    @Nested
    class InJJava extends Guest {
        @Override
        KernelClient kernel() throws IOException {
            return installed("jjava");
        }

        @Override
        String install() throws IOException {
            return "%classpath " + oneJar();
        }

        @Test
        void the_course_runs() throws IOException {
            courseRuns();
        }

        @Test
        void an_interrupt_leaves_the_session_usable() {
            goesOnAfterAnInterrupt();
        }
    }

    private static KernelClient installed(String word) throws IOException {
        oneJar();
        Optional<InstalledKernels.Spec> spec = InstalledKernels.find(word);
        assumeThat(spec).as("a kernel of Jupyter's whose command names " + word).isPresent();
        return begin(spec.get().command(), spec.get().environment());
    }

    private static KernelClient begin(List<String> command, Map<String, String> environment) throws IOException {
        return KernelClient.start(command, NOTEBOOKS.toAbsolutePath(), environment, TestKernels.PATIENCE);
    }

    private static Path oneJar() throws IOException {
        Path jar = HOME.resolve("target").resolve("lens4j.jar");
        assumeThat(jar).as("the one jar, which mvn -Pjar package makes").exists();
        return jar.toRealPath();
    }

    /** One kernel process, and what every notebook may rely on. */
    @TestInstance(TestInstance.Lifecycle.PER_CLASS)
    abstract static class Guest {
        private KernelClient kernel;

        abstract KernelClient kernel() throws IOException;

        abstract String install() throws IOException;

        /** Newer versions of JJava show the value of a magic that stands last. */
        private boolean showsValues() {
            String probe =
                    "boolean shows;\ntry { Class.forName(\"org.dflib.jjava.jupyter.kernel.EvalBuilder\"); shows = true; } catch (ClassNotFoundException e) { shows = false; }\nshows";
            return run(probe).resultText().equals("true");
        }

        @BeforeAll
        void start() throws IOException {
            kernel = kernel();
            assertThat(shown(run(install())))
                    .singleElement()
                    .asString()
                    .matches("Lens4J is ready in (IJava|JJava)\\. %lsmagic lists its magics\\.");
            run("%load demo");
            run("%prompt " + PROMPT);
        }

        @AfterAll
        void stop() {
            if (kernel != null) {
                kernel.close();
            }
        }

        final CellRun run(String code) {
            return runs(kernel, code);
        }

        private static CellRun runs(KernelClient kernel, String code) {
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
            // Its List makes the short name ambiguous, which IJava's generated code uses.
            run("import java.awt.*;");
            run("%classpath \"/no such/folder\"");
            run("int before = 1;\n  %classpath \"/no such/folder\"");
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
            assertThat(shown(run)).hasSize(showsValues() ? 0 : 1);
        }

        @Test
        void the_first_notebook_runs() {
            runs(kernel, NOTEBOOKS.resolve("01-first-look.ipynb"));
            run("%load demo\n%prompt " + PROMPT);
        }

        /** Each notebook in a kernel of its own, as its reader opens it. */
        final void courseRuns() throws IOException {
            try (Stream<Path> files = Files.list(NOTEBOOKS)) {
                for (Path file :
                        files.filter(it -> it.toString().endsWith(".ipynb")).toList()) {
                    try (KernelClient fresh = kernel()) {
                        runs(fresh, install());
                        runs(fresh, file);
                    }
                }
            }
        }

        private static void runs(KernelClient kernel, Path notebook) {
            for (Cell cell : Notebook.read(notebook).cells()) {
                if (cell.kind() == Cell.Kind.CODE) {
                    runs(kernel, cell.source());
                }
            }
        }

        @Test
        void a_text_block_keeps_its_lines_and_a_modulo_its_operand() {
            assertThat(run("String s = \"\"\"\n  %next\n  \"\"\";\ns").resultText())
                    .isEqualTo("%next\n");
            assertThat(run("int a1 = 7, next = 4;\nint c1 = a1\n  %next;\nc1").resultText())
                    .isEqualTo("3");
            assertThat(run("// a comment\n/*\n%next\n*/\n\"%next\"").resultText())
                    .isEqualTo("%next");
        }

        /** The hook begins to wait inside the run; these kernels end the cell at once and leave the run to end by itself. */
        final void goesOnAfterAnInterrupt() {
            String waiting = """
                    var waiting = Hooks.none().observe("blocks.0.hook_resid_pre", (x, at) -> {
                        System.out.println("begun");
                        java.util.concurrent.locks.LockSupport.parkNanos(60_000_000_000L);
                    });
                    lens.model().run(lens.tokens(), RunOptions.defaults().withHooks(waiting));""";
            String before = nextTokens();
            CellRun stopped = kernel.execute(
                    waiting,
                    output -> {
                        if (output.toString().contains("begun")) {
                            kernel.interrupt();
                        }
                    },
                    TestKernels.PATIENCE);
            assertThat(stopped.status()).isEqualTo(CellRun.Status.ERROR);
            assertThat(stopped.took()).isLessThan(Duration.ofSeconds(20));
            assertThat(nextTokens()).isEqualTo(before);
        }

        private String nextTokens() {
            return run("lens.next(5).top().toString()").resultText();
        }
    }
}
