package org.lens4j.kernel.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lens4j.kernel.TinyHub;

/** What a notebook shows of a download: the real kernel, and a hub on loopback. */
class DownloadInNotebookTest {
    private static final String KERNEL = "org.lens4j.kernel.host.KernelMain";
    private static final int SOME = 100_000;

    @TempDir
    private Path home;

    private KernelClient kernel(TinyHub hub) throws Exception {
        return KernelClient.start(
                TestKernels.command(KERNEL), Path.of("").toAbsolutePath(), hub.environment(home), TestKernels.PATIENCE);
    }

    @Test
    void a_download_is_one_output_that_is_updated() throws Exception {
        try (TinyHub hub = TinyHub.ofGptNeo().stallAt(SOME).goOnAfter(1);
                KernelClient kernel = kernel(hub)) {
            CellRun run = TestKernels.run(kernel, "%load org/tiny");
            assertThat(run.status()).as(run.toString()).isEqualTo(CellRun.Status.OK);
            List<Output.DisplayData> shown = run.all(Output.DisplayData.class);
            assertThat(shown).hasSize(1);
            assertThat(TestKernels.text(shown.get(0))).startsWith("model.safetensors: ");
            List<Output.UpdateDisplay> updates = run.all(Output.UpdateDisplay.class);
            assertThat(updates)
                    .extracting(Output.UpdateDisplay::displayId)
                    .containsOnly(shown.get(0).displayId().orElseThrow());
            assertThat(TestKernels.text(updates.get(updates.size() - 1)))
                    .contains("model.safetensors: 100%|██████████| 247k/247k [");
            assertThat(run.resultText()).contains("GPTNeoForCausalLM");
            assertThat(TestKernels.run(kernel, "%load org/tiny").all(Output.DisplayData.class))
                    .isEmpty();
        }
    }

    @Test
    void an_interrupt_stops_it_and_what_came_is_gone_on_from() throws Exception {
        try (TinyHub hub = TinyHub.ofGptNeo().stallAt(SOME);
                KernelClient kernel = kernel(hub)) {
            AtomicLong asked = new AtomicLong();
            Consumer<Output> interruptOnceItStalls = output -> {
                if (asked.get() == 0 && TestKernels.text(output).contains("| 100k/247k [")) {
                    asked.set(System.nanoTime());
                    kernel.interrupt();
                }
            };
            CellRun stopped = kernel.execute("%load org/tiny", interruptOnceItStalls, TestKernels.PATIENCE);
            // A user expects a second; what is above it is for a machine that is busy with other tests.
            assertThat(Duration.ofNanos(System.nanoTime() - asked.get())).isLessThan(Duration.ofSeconds(5));
            Output.ErrorOutput error = stopped.error().orElseThrow();
            assertThat(error.ename()).isEqualTo("Interrupted");
            assertThat(String.join("\n", error.traceback()))
                    .startsWith("Interrupted: the cell was stopped. The session goes on.")
                    .contains("Fetching \"org/tiny\" was stopped. What came is kept in ")
                    .contains("load again to go on from there.");
            assertThat(hub.incomplete(home, "model.safetensors")).hasSize(SOME);

            CellRun again = TestKernels.run(kernel, "lens.load(\"org/tiny\").config().nLayers()");
            assertThat(again.resultText()).as(again.toString()).isEqualTo("4");
            assertThat(hub.lastRange()).isEqualTo("bytes=100000-");
            assertThat(hub.incomplete(home, "model.safetensors")).doesNotExist();
        }
    }
}
