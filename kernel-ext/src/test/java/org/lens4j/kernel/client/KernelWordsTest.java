package org.lens4j.kernel.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lens4j.kernel.host.KernelMain;

/** The magics of the bundled kernel itself: what other Java kernels have under the same names. */
class KernelWordsTest {
    private static KernelClient kernel;

    @TempDir
    private static Path folder;

    @BeforeAll
    static void start() throws IOException {
        Path sources = Files.createDirectories(folder.resolve("sources"));
        Path source = Files.writeString(
                sources.resolve("Greeting.java"),
                "package apart; public class Greeting { public static String of(String name) { return \"Hello \" + name; } }");
        Path classes = Files.createDirectories(folder.resolve("some classes"));
        int failures =
                ToolProvider.getSystemJavaCompiler().run(null, null, null, "-d", classes.toString(), source.toString());
        assertThat(failures).isZero();
        Path libs = Files.createDirectories(folder.resolve("libs"));
        jar(libs.resolve("greeting-1.jar"), classes.resolve("apart/Greeting.class"));
        kernel = KernelClient.start(
                TestKernels.command(KernelMain.class.getName()), folder, Map.of(), TestKernels.PATIENCE);
    }

    @AfterAll
    static void stop() {
        kernel.close();
    }

    private static void jar(Path jar, Path type) throws IOException {
        try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar))) {
            out.putNextEntry(new JarEntry("apart/Greeting.class"));
            Files.copy(type, out);
            out.closeEntry();
        }
    }

    private static CellRun run(String code) {
        return TestKernels.run(kernel, code);
    }

    private static String error(String code) {
        return run(code).error().orElseThrow().evalue();
    }

    private static List<String> shown(CellRun run) {
        return run.all(Output.DisplayData.class).stream()
                .map(it -> it.text("text/plain").orElse(""))
                .toList();
    }

    @Test
    void cells_find_what_is_on_the_class_path() {
        CellRun run = run("%classpath \"some classes\"\napart.Greeting.of(\"you\")");
        assertThat(run.resultText()).as(run.toString()).isEqualTo("Hello you");
        assertThat(shown(run)).containsExactly("On the class path: some classes");
    }

    @Test
    void a_star_stands_for_jars() {
        CellRun run = run("%jars libs/*.jar");
        assertThat(run.resultText()).as(run.toString()).isEqualTo("On the class path: greeting-1.jar");
        assertThat(run("import apart.*;\nGreeting.of(\"two\")").resultText()).isEqualTo("Hello two");
    }

    @Test
    void what_is_not_there_is_said() {
        assertThat(error("%jars libs/*.zip"))
                .startsWith("%jars found nothing called \"*.zip\" in ")
                .endsWith("libs. Check the path; blanks in it need quotes around it.");
        assertThat(error("%classpath no/such"))
                .contains("nothing called \"such\"")
                .contains(", which is no folder.");
        assertThat(error("%classpath"))
                .startsWith("%classpath takes the paths of folders or jars, and none was given.");
    }

    @Test
    void time_runs_a_line_and_gives_its_value() {
        CellRun run = run("%time 6 * 7");
        assertThat(run.resultText()).as(run.toString()).isEqualTo("42");
        assertThat(shown(run)).singleElement().asString().matches("wall [\\d.]+ (µs|ms|s), CPU [\\d.]+ (ns|µs|ms|s)");
        assertThat(run("var timed = %time \"a\" + 1\ntimed.length()").resultText())
                .isEqualTo("2");
    }

    @Test
    void time_runs_a_cell_with_its_magics() {
        CellRun run = run("%%time\nint counted = 0;\nfor (int i = 0; i < 10; i++) counted += i;\n%help time\ncounted");
        assertThat(run.resultText()).as(run.toString()).isEqualTo("45");
        assertThat(shown(run)).hasSize(2);
    }

    @Test
    void a_mistake_under_time_is_shown_at_its_line_of_the_cell() {
        CellRun run = run("%%time\nint fine = 1;\nint wrong = \"a\";");
        assertThat(String.join("\n", run.error().orElseThrow().traceback()))
                .contains("cell %d, line 3".formatted(run.executionCount()))
                .contains("-->   3  int wrong = \"a\";");
        CellRun thrown = run("int zero = 0;\n%time 1 / zero");
        assertThat(String.join("\n", thrown.error().orElseThrow().traceback()))
                .contains("ArithmeticException: / by zero")
                .contains("cell %d, line 2".formatted(thrown.executionCount()));
        assertThat(error("%time"))
                .isEqualTo("%time takes the Java it is to run, and none was given. Write %time lens.next(3).");
    }

    @Test
    void a_script_may_hold_magics() throws IOException {
        Files.writeString(folder.resolve("script.jsh"), "int fromScript = 20;\n%help time\nfromScript + 1");
        CellRun run = run("%load script.jsh");
        assertThat(run.resultText()).as(run.toString()).isEqualTo("21");
        assertThat(shown(run)).hasSize(1);
    }

    @Test
    void maven_takes_coordinates_only() {
        assertThat(error("%maven commons-math3"))
                .isEqualTo(
                        "%maven was given \"commons-math3\", which names no library. A library is GROUP:ARTIFACT:VERSION, or with its packaging and classifier GROUP:ARTIFACT:PACKAGING:CLASSIFIER:VERSION.");
        assertThat(error("%maven")).startsWith("%maven takes libraries, and none was given.");
    }

    @Test
    void the_list_names_them() {
        assertThat(run("%lsmagic").resultText()).contains("%classpath", "%jars", "%maven", "%time");
    }
}
