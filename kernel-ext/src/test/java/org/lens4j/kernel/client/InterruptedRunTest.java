package org.lens4j.kernel.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.lens4j.kernel.host.KernelMain;

/** The stop button in the middle of a model's pass. */
class InterruptedRunTest {
    private static final String RUN =
            "try (var run = lens.runWithCache(\"blocks.*.hook_resid_post\")) { System.out.println(run.get(\"resid_post2\").sum().getFloat()); }";
    /** Waits in the first block until the interrupt comes, which it leaves for the run to find. */
    private static final String WAITING = """
            var waiting = Hooks.none().observe("blocks.0.hook_resid_pre", (x, at) -> {
                System.out.println("begun");
                java.util.concurrent.locks.LockSupport.parkNanos(60_000_000_000L);
            });
            lens.model().run(lens.tokens(), RunOptions.defaults().withHooks(waiting).withMetric(Metric.loss()).withCached("*"));""";

    @Test
    void a_stopped_cell_says_so_and_the_next_one_computes_what_the_last_one_did() throws Exception {
        try (KernelClient kernel = TestKernels.start(TestKernels.command(KernelMain.class.getName()))) {
            TestKernels.run(kernel, "%load demo");
            TestKernels.run(kernel, "%prompt When Mary and John went to the store");
            CellRun before = TestKernels.run(kernel, RUN);
            assertThat(before.printed("stdout")).as(before.toString()).isNotEmpty();
            Consumer<Output> interruptOnceItWaits = output -> {
                if (output instanceof Output.Stream stream && stream.text().contains("begun")) {
                    kernel.interrupt();
                }
            };
            for (int i = 0; i < 2; i++) {
                CellRun stopped = kernel.execute(WAITING, interruptOnceItWaits, TestKernels.PATIENCE);
                assertThat(String.join("\n", stopped.error().orElseThrow().traceback()))
                        .startsWith("Interrupted: the cell was stopped. The session goes on.")
                        .contains("The run was interrupted before block 1. It left nothing behind");
                assertThat(TestKernels.run(kernel, RUN).printed("stdout")).isEqualTo(before.printed("stdout"));
            }
        }
    }
}
