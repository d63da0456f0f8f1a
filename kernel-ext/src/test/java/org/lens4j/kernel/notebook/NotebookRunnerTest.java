package org.lens4j.kernel.notebook;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.lens4j.kernel.client.CellRun;
import org.lens4j.kernel.client.KernelDied;
import org.lens4j.kernel.client.Output;

class NotebookRunnerTest {
    private final List<String> executed = new ArrayList<>();
    private final StringWriter progress = new StringWriter();

    private NotebookRun run(RunOptions options, String... cells) {
        PrintWriter print = new PrintWriter(progress, true);
        return new NotebookRunner((code, live, timeout) -> kernel(code), options, print).run(NotebookTest.of(cells));
    }

    private NotebookRun run(String... cells) {
        return run(RunOptions.defaults(), cells);
    }

    /** A kernel whose cells say what to put out. */
    private CellRun kernel(String code) {
        executed.add(code);
        int count = executed.size();
        return switch (code) {
            case "print" ->
                ran(
                        CellRun.Status.OK,
                        count,
                        new Output.Stream("stdout", "a"),
                        new Output.Stream("stdout", "b\n"),
                        new Output.Stream("stderr", "c"));
            case "show" ->
                ran(CellRun.Status.OK, count, new Output.DisplayData(text("old"), new JsonObject(), Optional.of("id")));
            case "update" ->
                ran(CellRun.Status.OK, count, new Output.UpdateDisplay(text("new"), new JsonObject(), "id"));
            case "clear" ->
                ran(
                        CellRun.Status.OK,
                        count,
                        new Output.Stream("stdout", "gone"),
                        new Output.ClearOutput(true),
                        new Output.Stream("stdout", "kept"));
            case "value" ->
                ran(CellRun.Status.OK, count, new Output.ExecuteResult(text("42"), new JsonObject(), count));
            case "fail" ->
                ran(
                        CellRun.Status.ERROR,
                        count,
                        new Output.ErrorOutput("E", "bad", List.of("\u001b[31mE: bad\u001b[0m")));
            case "slow" -> ran(CellRun.Status.TIMED_OUT, count);
            case "die" -> throw new KernelDied("The kernel ended with exit code 134. It wrote last:\nout of memory");
            default -> ran(CellRun.Status.OK, count);
        };
    }

    private static CellRun ran(CellRun.Status status, int count, Output... outputs) {
        return new CellRun(status, count, List.of(outputs), Duration.ofMillis(1200));
    }

    private static Map<String, JsonElement> text(String text) {
        return Map.of("text/plain", new JsonPrimitive(text));
    }

    private static List<CellOutput> outputs(NotebookRun run, int cell) {
        return run.notebook().cells().get(cell).outputs();
    }

    @Test
    void code_cells_run_in_order_and_others_are_left_alone() {
        NotebookRun run = run(
                NotebookTest.code("one"),
                NotebookTest.markdown("text"),
                NotebookTest.code("  "),
                NotebookTest.code("two"));
        assertThat(executed).containsExactly("one", "two");
        assertThat(run.stop()).isEmpty();
        assertThat(run.ran()).isEqualTo(2);
        assertThat(run.codeCells()).isEqualTo(2);
        assertThat(run.notebook().cells().get(3).executionCount()).hasValue(2);
        assertThat(run.notebook().cells().get(2).executionCount()).isEmpty();
    }

    @Test
    void neighbouring_prints_become_one_output() {
        assertThat(outputs(run(NotebookTest.code("print")), 0))
                .containsExactly(new CellOutput.Printed("stdout", "ab\n"), new CellOutput.Printed("stderr", "c"));
    }

    @Test
    void later_cell_updates_what_an_earlier_one_shows() {
        NotebookRun run = run(NotebookTest.code("show"), NotebookTest.code("update"));
        assertThat(outputs(run, 0)).hasSize(1);
        assertThat(((CellOutput.Shown) outputs(run, 0).get(0)).text("text/plain"))
                .contains("new");
        assertThat(outputs(run, 1)).isEmpty();
    }

    @Test
    void cleared_output_is_gone() {
        assertThat(outputs(run(NotebookTest.code("clear")), 0))
                .containsExactly(new CellOutput.Printed("stdout", "kept"));
    }

    @Test
    void value_carries_its_number() {
        NotebookRun run = run(NotebookTest.code("one"), NotebookTest.code("value"));
        assertThat(((CellOutput.Shown) outputs(run, 1).get(0)).executionCount()).hasValue(2);
    }

    @Test
    void first_error_stops_the_run_and_keeps_what_came_before() {
        NotebookRun run = run(
                NotebookTest.code("print"),
                NotebookTest.code("fail"),
                NotebookTest.code("never")
                        .replace(
                                "\"outputs\": []",
                                "\"outputs\": [{\"output_type\": \"stream\", \"name\": \"stdout\", \"text\": \"stale\"}]"));
        assertThat(executed).containsExactly("print", "fail");
        assertThat(run.stop()).contains(new NotebookRun.Stop(2, "fail", "E: bad"));
        assertThat(outputs(run, 0)).hasSize(2);
        assertThat(outputs(run, 1)).singleElement().isInstanceOf(CellOutput.Failure.class);
        assertThat(outputs(run, 2)).isEmpty();
    }

    @Test
    void allowed_errors_do_not_stop_the_run() {
        NotebookRun run =
                run(new RunOptions(true, Duration.ofSeconds(5)), NotebookTest.code("fail"), NotebookTest.code("value"));
        assertThat(executed).containsExactly("fail", "value");
        assertThat(run.stop()).isEmpty();
        assertThat(run.failed()).isEqualTo(1);
    }

    @Test
    void tagged_cells_may_fail() {
        for (String tag : List.of("raises-exception", "expect-error")) {
            executed.clear();
            String tagged = NotebookTest.code("fail")
                    .replace("\"metadata\": {}", "\"metadata\": {\"tags\": [\"%s\"]}".formatted(tag));
            assertThat(run(tagged, NotebookTest.code("value")).stop()).as(tag).isEmpty();
            assertThat(executed).as(tag).containsExactly("fail", "value");
        }
    }

    @Test
    void cell_over_its_time_stops_the_run_even_where_errors_are_allowed() {
        NotebookRun run =
                run(new RunOptions(true, Duration.ofSeconds(5)), NotebookTest.code("slow"), NotebookTest.code("value"));
        assertThat(executed).containsExactly("slow");
        assertThat(run.stop())
                .contains(new NotebookRun.Stop(
                        1, "slow", "The cell was interrupted after 5 s. Give it more time with --timeout SECONDS."));
        assertThat(outputs(run, 0)).singleElement().isInstanceOf(CellOutput.Failure.class);
    }

    @Test
    void dead_kernel_is_reported_with_its_last_words() {
        NotebookRun run =
                run(new RunOptions(true, Duration.ofSeconds(5)), NotebookTest.code("print"), NotebookTest.code("die"));
        assertThat(run.stop()).hasValueSatisfying(stop -> {
            assertThat(stop.codeCell()).isEqualTo(2);
            assertThat(stop.reason()).contains("exit code 134").contains("out of memory");
        });
        assertThat(outputs(run, 0)).hasSize(2);
        assertThat(outputs(run, 1)).singleElement().isInstanceOf(CellOutput.Failure.class);
    }

    @Test
    void progress_is_one_line_per_cell() {
        run(NotebookTest.code("print"), NotebookTest.code("fail"));
        assertThat(progress.toString().lines()).containsExactly("[1/2] print 1.2 s", "[2/2] fail 1.2 s, failed");
    }
}
