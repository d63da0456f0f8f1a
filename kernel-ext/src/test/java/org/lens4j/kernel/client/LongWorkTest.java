package org.lens4j.kernel.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.lens4j.kernel.host.KernelMain;

/** The stop button in the middle of work that would take minutes. */
class LongWorkTest {
    /** A user expects a second; what is above it is for a machine that is busy with other tests. */
    private static final Duration SOON = Duration.ofSeconds(5);

    private static KernelClient kernel;

    @BeforeAll
    static void start() throws IOException {
        kernel = TestKernels.start(TestKernels.command(KernelMain.class.getName()));
        TestKernels.run(kernel, "%load demo");
        TestKernels.run(
                kernel,
                "String long1 = \"When Mary and John went to the store, John gave a drink to Mary. \".repeat(3);\n"
                        + "String long2 = long1.replace(\"John gave\", \"Mary gave\");");
    }

    @AfterAll
    static void stop() {
        kernel.close();
    }

    /** Interrupts when an output like this comes, and gives how long it then took. */
    private static Duration stopped(String code, Predicate<Output> begun) {
        AtomicLong asked = new AtomicLong();
        CellRun run = kernel.execute(
                code,
                output -> {
                    if (asked.get() == 0 && begun.test(output)) {
                        asked.set(System.nanoTime());
                        kernel.interrupt();
                    }
                },
                Duration.ofMinutes(2));
        assertThat(asked).as(run.toString()).doesNotHaveValue(0);
        assertThat(run.status()).as(run.toString()).isNotEqualTo(CellRun.Status.TIMED_OUT);
        return Duration.ofNanos(System.nanoTime() - asked.get());
    }

    private static boolean isBar(Output output) {
        return output instanceof Output.DisplayData shown
                && shown.text("text/plain").orElse("").startsWith("patches: ");
    }

    @Test
    void a_sweep_of_thousands_of_patches_stops_soon() {
        String sweep = """
                var pairs = PatchPairs.of(lens.model().tokens(long1), lens.model().tokens(long2));
                var patched = ActivationPatch.of(lens.model(), pairs, PatchMetric.loss())
                        .withListener(it -> System.out.println("wave"))
                        .run(PatchSite.headPatternByBoth());
                patched.isComplete()""";
        assertThat(stopped(sweep, it -> it instanceof Output.Stream)).isLessThan(SOON);
        assertThat(TestKernels.run(kernel, "lens.prompt(\"a store\").next(1).top().size()")
                        .resultText())
                .isEqualTo("1");
    }

    @Test
    void a_sweep_by_a_magic_stops_soon() {
        String magic = "%patch \" Mary\" \" John\" -p $long1 --corrupted $long2 --what head_pattern_by_both";
        assertThat(stopped(magic, LongWorkTest::isBar)).isLessThan(SOON);
    }
}
