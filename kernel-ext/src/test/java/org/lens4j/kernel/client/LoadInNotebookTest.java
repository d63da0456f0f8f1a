package org.lens4j.kernel.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lens4j.kernel.LargeModel;
import org.lens4j.kernel.host.KernelMain;

/** What a notebook shows while the weights of a large model are read. */
class LoadInNotebookTest {
    private static final int LAYERS = 24;

    @TempDir
    private static Path folder;

    private static String load;
    private static KernelClient kernel;

    @BeforeAll
    static void start() throws IOException {
        load = "%load \"" + LargeModel.write(folder, LAYERS) + "\" --as large --no-check";
        kernel = TestKernels.start(TestKernels.command(KernelMain.class.getName()));
    }

    @AfterAll
    static void stop() {
        kernel.close();
    }

    private static boolean isPlan(Output output) {
        return TestKernels.text(output).contains(" of memory at the peak of loading");
    }

    private static boolean isBar(Output output) {
        return TestKernels.text(output).startsWith("reading ");
    }

    @Test
    void reading_is_one_bar_that_is_updated_ten_times_a_second_at_most() {
        AtomicLong planned = new AtomicLong();
        CellRun run = kernel.execute(
                load,
                output -> {
                    if (isPlan(output)) {
                        planned.set(System.nanoTime());
                    }
                },
                TestKernels.PATIENCE);
        Duration took = Duration.ofNanos(System.nanoTime() - planned.get());
        assertThat(run.status()).as(run.toString()).isEqualTo(CellRun.Status.OK);
        assertThat(planned).as(run.toString()).doesNotHaveValue(0);
        List<Output> bars =
                run.outputs().stream().filter(LoadInNotebookTest::isBar).toList();
        if (bars.isEmpty()) {
            assertThat(took).as("only quick work has no bar").isLessThan(Duration.ofSeconds(1));
            return;
        }
        assertThat(bars.get(0)).isInstanceOf(Output.DisplayData.class);
        assertThat(bars.subList(1, bars.size())).isNotEmpty().allMatch(it -> it instanceof Output.UpdateDisplay);
        assertThat(TestKernels.text(bars.get(bars.size() - 1))).contains(": 100%|██████████| 1.21G/1.21G [");
        assertThat((long) bars.size()).isLessThanOrEqualTo(took.toMillis() / 100 + 2);
    }

    @Test
    void a_small_model_shows_no_bar() {
        CellRun run = TestKernels.run(kernel, "%load demo");
        assertThat(run.outputs()).noneMatch(LoadInNotebookTest::isBar);
        assertThat(run.resultText()).startsWith("demo: ");
    }

    @Test
    void an_interrupted_load_says_so_and_the_session_goes_on() {
        AtomicLong asked = new AtomicLong();
        Consumer<Output> interruptOnceItReads = output -> {
            if (asked.get() == 0 && isPlan(output)) {
                asked.set(System.nanoTime());
                kernel.interrupt();
            }
        };
        CellRun stopped = kernel.execute(load, interruptOnceItReads, TestKernels.PATIENCE);
        // A user expects a second; what is above it is for a machine that is busy with other tests.
        assertThat(Duration.ofNanos(System.nanoTime() - asked.get())).isLessThan(Duration.ofSeconds(5));
        Output.ErrorOutput error = stopped.error().orElseThrow();
        assertThat(error.ename()).isEqualTo("Interrupted");
        assertThat(String.join("\n", error.traceback()))
                .startsWith("Interrupted: the cell was stopped. The session goes on.")
                .contains("Loading " + folder.getFileName() + " was interrupted. What it had read is freed.");
        CellRun next = TestKernels.run(kernel, "lens.load(\"demo\").config().nLayers()");
        assertThat(next.status()).as(next.toString()).isEqualTo(CellRun.Status.OK);
    }
}
