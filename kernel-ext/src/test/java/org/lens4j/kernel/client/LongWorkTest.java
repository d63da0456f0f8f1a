package org.lens4j.kernel.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.lens4j.kernel.LargeModel;
import org.lens4j.kernel.host.KernelMain;

/** The stop button in the middle of work that would take minutes. */
class LongWorkTest {
    /** What a user expects. */
    private static final Duration SOON = Duration.ofSeconds(1);

    /** A machine that is busy with other tests may need another attempt; work that does not look for a stop needs more. */
    private static final int ATTEMPTS = 3;

    /** Of 50 MB each, so that a token without a cache takes a while. */
    private static final int LAYERS = 8;

    @TempDir
    private static Path folder;

    private static KernelClient kernel;

    @BeforeAll
    static void start() throws IOException {
        kernel = TestKernels.start(TestKernels.command(KernelMain.class.getName()));
        TestKernels.run(kernel, "%load demo");
        TestKernels.run(
                kernel,
                "String long1 = \"When Mary and John went to the store, John gave a drink to Mary. \".repeat(3);\n"
                        + "String long2 = long1.replace(\"John gave\", \"Mary gave\");");
        Path corpus =
                Files.write(folder.resolve("corpus.txt"), Collections.nCopies(50_000, "Mary and John went home."));
        TestKernels.run(
                kernel,
                "String corpus = \"%s\", rows = \"%s\", few = \"%s\", demo = \"%s\"; var texts = Files.readAllLines(Path.of(corpus));"
                        .formatted(corpus, folder.resolve("rows"), folder.resolve("few"), folder.resolve("demo")));
        TestKernels.run(kernel, "%harvest blocks.0.hook_resid_post --in $corpus --out $few --limit 2000");
    }

    @AfterAll
    static void stop() {
        kernel.close();
    }

    /** A run that was interrupted, and how long after that it ended. */
    private record Stopped(CellRun run, Duration took) {}

    /** Interrupts when an output like this comes. */
    private static Stopped stopped(String code, Predicate<Output> begun) {
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
        return new Stopped(run, Duration.ofNanos(System.nanoTime() - asked.get()));
    }

    /** The last run of some of which one must be soon. */
    private static CellRun requireSoon(String code, Predicate<Output> begun) {
        List<Duration> took = new ArrayList<>();
        while (true) {
            Stopped stopped = stopped(code, begun);
            took.add(stopped.took());
            if (stopped.took().compareTo(SOON) < 0) {
                return stopped.run();
            }
            assertThat(took).as(code).hasSizeLessThan(ATTEMPTS);
        }
    }

    private static boolean isBar(Output output) {
        return output instanceof Output.DisplayData shown
                && shown.text("text/plain").orElse("").matches("(?s)[a-z ]+: .*\\[00:.*/s\\].*");
    }

    @Test
    void a_sweep_of_thousands_of_patches_stops_soon() {
        String sweep = """
                var pairs = PatchPairs.of(lens.model().tokens(long1), lens.model().tokens(long2));
                var patched = ActivationPatch.of(lens.model(), pairs, PatchMetric.loss())
                        .withListener(it -> System.out.println("wave"))
                        .run(PatchSite.headPatternByBoth());
                patched.isComplete()""";
        requireSoon(sweep, it -> it instanceof Output.Stream);
        assertThat(TestKernels.run(kernel, "lens.prompt(\"a store\").next(1).top().size()")
                        .resultText())
                .isEqualTo("1");
    }

    @Test
    void writing_stops_soon_and_gives_what_was_written() throws IOException {
        Path large = LargeModel.write(Files.createDirectory(folder.resolve("large")), LAYERS);
        TestKernels.run(kernel, "%load \"" + large + "\" --as large --no-check");
        TestKernels.run(kernel, "var begun = Tokens.of(new long[] {7, 3, 9});");
        try {
            requireSoon(
                    "%generate -p $begun -n 61 --no-eos --no-cache -o written", it -> it instanceof Output.DisplayData);
            assertThat(TestKernels.run(kernel, "written.rows().get(0).reason()").resultText())
                    .isEqualTo("INTERRUPTED");
        } finally {
            TestKernels.run(kernel, "%unload large");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "%patch \" Mary\" \" John\" -p $long1 --corrupted $long2 --what head_pattern_by_both",
                "%attribute \" Mary\" \" John\" -p $long1 --corrupted $long2 --steps 20000",
                "%ablate -p $long1 --what head_pattern_by_both",
                "%%sweep i 0..20000\nlens.next(1)",
                "%harvest blocks.*.hook_resid_post --in $corpus --out $rows",
                "%train lens --texts $texts --steps 100000",
                "%train demo --out $demo",
                "%train sae --rows $few --hook blocks.0.hook_resid_post --features 512 --steps 1000000",
                "%neurons 1.37 --texts $texts"
            })
    void a_magic_stops_soon_so_the_cells_below_wait_and_the_session_goes_on(String magic) {
        CellRun run = requireSoon(magic, LongWorkTest::isBar);
        assertThat(run.status()).as(run.toString()).isEqualTo(CellRun.Status.ERROR);
        assertThat(run.all(Output.DisplayData.class).stream().filter(it -> !isBar(it)))
                .as("what it found until then")
                .hasSizeLessThanOrEqualTo(1);
        assertThat(TestKernels.run(kernel, "1 + 1").resultText()).isEqualTo("2");
    }
}
