package org.lens4j.kernel.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Runs cells in a real kernel process over real sockets. The tests share the process, as cells of a notebook do. */
class CellsOverTheWireTest {
    private static KernelClient kernel;

    @BeforeAll
    static void start() throws IOException {
        kernel = TestKernels.start();
    }

    @AfterAll
    static void stop() {
        kernel.close();
    }

    private static CellRun run(String code) {
        return TestKernels.run(kernel, code);
    }

    private static String traceback(CellRun run) {
        return String.join("\n", run.error().orElseThrow().traceback());
    }

    @Test
    void the_last_expression_is_the_result() {
        CellRun run = run("int a1 = 2;\nint b1 = 3;\na1 * b1");
        assertThat(run.status()).isEqualTo(CellRun.Status.OK);
        assertThat(run.resultText()).isEqualTo("6");
        assertThat(run.result().orElseThrow().executionCount()).isEqualTo(run.executionCount());
        assertThat(run("a1 + 1;").resultText()).isEqualTo("3");
    }

    @Test
    void declarations_assignments_void_and_null_have_no_result() {
        for (String code :
                List.of("int a2 = 1;", "int a2; a2 = 5", "System.gc();", "(Object) null", "", "// nothing")) {
            assertThat(run(code).result()).as(code).isEmpty();
        }
    }

    @Test
    void the_result_is_the_real_object() {
        CellRun run = run("new java.awt.image.BufferedImage(4, 3, 1)");
        assertThat(run.result().orElseThrow().data()).containsOnlyKeys("text/plain", "image/png");
    }

    @Test
    void java_and_magics_mix_in_one_cell() {
        CellRun run = run("""
                var first = "one";
                %echo shown in between
                for (int i = 0; i < 2; i++) {
                    %echo in a loop
                }
                int seven = 10
                   % 4 + 5;
                var numbers = %numbers
                java.util.List<String> words = %echo "a b" c;
                numbers.size() + seven + words.get(0)
                """);
        assertThat(run.status()).as("%s", run.error()).isEqualTo(CellRun.Status.OK);
        assertThat(run.all(Output.DisplayData.class))
                .extracting(d -> d.text("text/plain").orElseThrow())
                .containsExactly("shown in between", "in a loop", "in a loop");
        assertThat(run.resultText()).isEqualTo("10a b");
    }

    @Test
    void a_magic_in_the_last_line_is_the_result() {
        assertThat(run("%numbers").resultText()).isEqualTo("[1, 2, 3]");
        assertThat(run("%picture").result().orElseThrow().data()).containsKey("image/png");
        assertThat(run("%%echo -x\nthe body\n  as it is").resultText()).isEqualTo("-x|the body\n  as it is");
        assertThat(run("%quiet").outputs()).isEmpty();
    }

    @Test
    void a_magic_reads_and_defines_variables() {
        assertThat(run("int a = 2, b = 3;\n%sum").resultText()).isEqualTo("5:2");
        assertThat(run("%define\ngiven.get(\"a\") + 1").resultText()).isEqualTo("2");
        assertThat(run("counter.get()").resultText()).isEqualTo("0");
    }

    @Test
    void display_shows_in_order_with_what_is_printed() {
        CellRun run = run("System.out.println(1); display(MimeBundle.text(\"2\")); System.err.println(3);");
        assertThat(run.outputs()).hasSize(3);
        assertThat(run.outputs().get(0)).isEqualTo(new Output.Stream("stdout", "1\n"));
        assertThat(run.outputs().get(1)).isInstanceOf(Output.DisplayData.class);
        assertThat(run.outputs().get(2)).isEqualTo(new Output.Stream("stderr", "3\n"));
    }

    @Test
    void an_updatable_display_is_updated() {
        CellRun run = run("%progress");
        assertThat(run.outputs()).hasSize(2);
        assertThat(run.folded()).singleElement().isInstanceOfSatisfying(Output.DisplayData.class, d -> assertThat(
                        d.text("text/plain"))
                .contains("100 %"));
    }

    @Test
    void a_line_is_published_while_the_cell_still_runs() {
        List<String> seen = new ArrayList<>();
        // The cell waits for a line of input, which comes only after its first line was seen.
        CellRun run = kernel.execute(
                "System.out.println(\"first\"); String in = new Scanner(System.in).nextLine(); System.out.print(in);",
                output -> seen.add(output.toString()),
                TestKernels.PATIENCE,
                prompt -> seen.toString().contains("first") ? "ünseen" : "too early");
        assertThat(run.printed("stdout")).isEqualTo("first\nünseen");
    }

    @Test
    void a_flood_of_lines_arrives_whole_and_in_order_in_few_messages() {
        CellRun run = run("for (int i = 0; i < 20000; i++) System.out.println(\"zeile ü \" + i);");
        assertThat(run.printed("stdout").lines()).hasSize(20000).last().isEqualTo("zeile ü 19999");
        assertThat(run.outputs().size()).isLessThan(2000);
    }

    @Test
    void a_compile_error_marks_the_line_of_the_cell() {
        CellRun run = run("int ok = 1;\n\nString s = 4;\nint never = 2;");
        assertThat(run.error().orElseThrow().ename()).isEqualTo("CompileError");
        assertThat(run.error().orElseThrow().evalue()).contains("incompatible types");
        assertThat(traceback(run))
                .contains("cell %d, line 3".formatted(run.executionCount()))
                .contains("-->   3  String s = 4;");
        assertThat(traceback(run).lines().filter(line -> line.contains("^"))).containsExactly("                    ^");
        assertThat(run("ok").resultText()).isEqualTo("1");
    }

    @Test
    void a_magic_after_an_open_statement_gets_a_hint() {
        assertThat(traceback(run("var open = 1\n%numbers")))
                .contains(
                        "%numbers was read as the modulo operator, because the line before it does not end a statement.");
    }

    @Test
    void an_exception_shows_the_lines_of_the_cells_and_its_causes() {
        CellRun first = run(
                "int risky(int x) {\n  if (x > 1) throw new IllegalStateException(\"outer\", new java.io.IOException(\"inner\"));\n  return x;\n}");
        CellRun run = run("int fine = 1;\nList.of(1, 2).forEach(x -> risky(x));");
        assertThat(run.status()).isEqualTo(CellRun.Status.ERROR);
        assertThat(run.error().orElseThrow().ename()).isEqualTo("IllegalStateException");
        assertThat(run.error().orElseThrow().evalue()).isEqualTo("outer");
        assertThat(traceback(run))
                .startsWith("java.lang.IllegalStateException: outer\n    at risky, cell %d, line 2"
                        .formatted(first.executionCount()))
                .contains("    at cell %d, line 2:  List.of(1, 2).forEach(x -> risky(x));"
                        .formatted(run.executionCount()))
                .contains("Caused by: java.io.IOException: inner")
                .doesNotContain("REPL")
                .doesNotContain("ImmutableCollections");
    }

    @Test
    void a_value_that_does_not_fit_its_variable_is_told_with_the_magic() {
        assertThat(run("double loss = %numbers -k 3;").error().orElseThrow().evalue())
                .isEqualTo(
                        "%numbers gives a value of type List, and loss is of type Double. Write var loss = %numbers -k 3");
        assertThat(run("if (true) {\n    String text = %numbers\n}")
                        .error()
                        .orElseThrow()
                        .evalue())
                .isEqualTo(
                        "%numbers gives a value of type List, and text is of type String. Write var text = %numbers");
        assertThat(run("Object o = 1; String s = (String) o;")
                        .error()
                        .orElseThrow()
                        .ename())
                .isEqualTo("ClassCastException");
    }

    @Test
    void our_own_errors_are_one_block_wherever_they_are_thrown() {
        String message = "demo has no layer 7: it has 4 layers, 0 to 3.";
        for (String code : List.of("%layer", "var x = %layer", "Object o = %layer", "\n%layer\n")) {
            assertThat(run(code).error().orElseThrow())
                    .as(code)
                    .isEqualTo(new Output.ErrorOutput("RangeException", message, List.of(message)));
        }
    }

    @Test
    void our_own_errors_say_which_of_several_lines_they_are_about() {
        for (String code : List.of(
                "%quiet\n%layer\n%quiet",
                "int i = 1;\n  %layer",
                "if (true) {\n  %layer\n}",
                "Runnable r = () -> {\n  %layer\n}; r.run();",
                "%quiet\nvar x = %layer")) {
            CellRun run = run(code);
            assertThat(run.error().orElseThrow().evalue()).as(code).startsWith("demo has no layer 7");
            assertThat(traceback(run))
                    .as(code)
                    .containsPattern("\\n    at cell %d, line 2:  .*%%layer".formatted(run.executionCount()));
        }
    }

    @Test
    void a_variable_of_the_session_is_not_declared_again() {
        for (String code : List.of("var counter = 5;", "int mine = 1, counter = 2;", "String counter;")) {
            assertThat(run(code).error().orElseThrow().evalue()).as(code).startsWith("counter is a variable of this");
        }
        assertThat(run("int counters = 4;\ncounter.get() + counters").resultText())
                .isEqualTo("4");
    }

    @Test
    void a_bug_in_a_magic_keeps_its_cause() {
        assertThat(traceback(run("%broken")))
                .contains("IllegalStateException: a bug", "Caused by: java.io.IOException: the disk");
    }

    @Test
    void an_unknown_magic_names_the_closest() {
        assertThat(run("%ecko").error().orElseThrow().evalue())
                .startsWith("Unknown magic \"%ecko\" in this kernel. Closest of 10: %echo");
    }

    @Test
    void errors_of_the_machine_end_the_cell_only() {
        assertThat(run("int deep(int n) { return deep(n + 1) + 1; }\ndeep(0)")
                        .error()
                        .orElseThrow()
                        .ename())
                .isEqualTo("StackOverflowError");
        assertThat(
                        run("long[][] all = new long[1000][];\nfor (int i = 0; i < 1000; i++) all[i] = new long[Integer.MAX_VALUE - 8];")
                                .error()
                                .orElseThrow()
                                .ename())
                .isEqualTo("OutOfMemoryError");
        assertThat(run("all = null;\n\"alive\"").resultText()).isEqualTo("alive");
    }

    @Test
    void a_value_whose_text_fails_is_an_error_of_the_cell() {
        assertThat(run("new Object() { public String toString() { throw new IllegalStateException(\"no text\"); } }")
                        .error()
                        .orElseThrow()
                        .evalue())
                .isEqualTo("no text");
    }

    @Test
    void methods_may_call_what_is_declared_later() {
        CellRun run = run(
                "int even(int n) { return n == 0 ? 1 : odd(n - 1); }\nint odd(int n) { return n == 0 ? 0 : even(n - 1); }\neven(4)");
        assertThat(run.resultText()).isEqualTo("1");
        assertThat(run.printed("stderr")).isEmpty();
        assertThat(run("void later() { missing1(); }").printed("stderr"))
                .contains("Method later() can be used once method missing1() is declared.");
    }

    @Test
    void the_kernel_is_quiet_outside_the_protocol() {
        run("System.out.println(1);");
        assertThat(kernel.processOutput()).isEmpty();
    }
}
