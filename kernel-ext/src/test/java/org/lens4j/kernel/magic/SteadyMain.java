package org.lens4j.kernel.magic;

import ai.djl.ndarray.NDManager;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32;
import org.lens4j.cache.ActivationCache;
import org.lens4j.hook.Hooks;
import org.lens4j.kernel.display.MimeBundle;
import org.lens4j.kernel.session.LensSession;
import org.lens4j.model.Metric;
import org.lens4j.model.Run;
import org.lens4j.model.RunOptions;
import org.lens4j.tensor.NativeLibrary;

/**
 * The same work again and again, in a process of its own: cells of {@code %cache} and {@code %attn}, then passes forward and
 * back with gradients kept. Prints a line for each measurement: what was done, resident kilobytes, tensors in all managers,
 * and a checksum of everything the last round gave.
 */
final class SteadyMain {
    private static final List<String> PROMPTS = List.of(
            "When Mary and John went to the store, John gave a drink to",
            "Paris is in France",
            "When Mary and John went");
    /** A measurement, and a collection, after so many. */
    private static final int EVERY = 3 * 2;

    private final LensSession lens = new LensSession();
    private final MagicTable magics = LensMagics.of(lens);
    private final CRC32 sum = new CRC32();

    private SteadyMain() {}

    /** Begins such a process: how many cells, how many passes. */
    static Process start(int cells, int passes) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "@" + Path.of(System.getProperty("lens.home"), "lens-core/src/main/resources/org/lens4j/jvm.options"),
                // The heap is all there from the start, so that what grows is native.
                "-Xms128m",
                "-Xmx128m",
                "-XX:+AlwaysPreTouch",
                "-XX:+UseSerialGC",
                // The optimising compiler takes and gives back some ten megabytes whenever it likes.
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                SteadyMain.class.getName(),
                Integer.toString(cells),
                Integer.toString(passes)));
        return new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    public static void main(String[] args) throws Exception {
        new SteadyMain().work(Integer.parseInt(args[0]), Integer.parseInt(args[1]));
    }

    private void work(int cells, int passes) throws Exception {
        lens.load("demo");
        for (int cell = 0; cell < cells; cell += PROMPTS.size()) {
            sum.reset();
            for (String prompt : PROMPTS) {
                lens.prompt(prompt);
                cell("cache", "blocks.*.hook_resid_post blocks.*.attn.hook_pattern");
                for (ActivationCache.Entry entry : lens.cache().entries()) {
                    add(entry.tensor().toFloatArray());
                }
                cell("attn", "1");
            }
            tell("cells", cell);
        }
        for (int pass = 0; pass < passes; pass++) {
            sum.reset();
            backward();
            tell("passes", pass * PROMPTS.size());
        }
        lens.close();
        System.out.printf("closed %d %d %d%n", resident(), tensors(), 0);
    }

    private void cell(String name, String line) throws Exception {
        MimeBundle shown =
                magics.run(MagicCall.line(name, line), new QuietHost()).shown().orElseThrow();
        sum.update(shown.plain().getBytes(StandardCharsets.UTF_8));
    }

    private void backward() {
        Hooks hooks = Hooks.none()
                .edit("blocks.0.hook_mlp_out", (x, at) -> x.mul(0.5f))
                .editGradient("blocks.1.hook_attn_out", (gradient, at) -> gradient.mul(2));
        RunOptions options = RunOptions.defaults()
                .withMetric(Metric.logitDifference(5, 7))
                .withHooks(hooks)
                .withCached("blocks.*.hook_resid_post")
                .withGradientsOf("blocks.*.hook_resid_post")
                .withParameterGradientsOf("blocks.*.attn.W_Q");
        try (Run run = lens.model().run(lens.tokens(), options)) {
            add(run.logits().toFloatArray());
            run.cache().entries().forEach(it -> add(it.tensor().toFloatArray()));
            add(run.parameterGradient("blocks.0.attn.W_Q").toFloatArray());
        }
    }

    private void add(float[] numbers) {
        ByteBuffer bytes = ByteBuffer.allocate(numbers.length * Float.BYTES);
        bytes.asFloatBuffer().put(numbers);
        sum.update(bytes);
    }

    private void tell(String what, int done) {
        if (done % EVERY == 0) {
            System.gc();
            System.out.printf("%s %d %d %d%n", what, resident(), tensors(), sum.getValue());
        }
    }

    /** In all managers: every one is below DJL's own. */
    private static int tensors() {
        try (NDManager fresh = NativeLibrary.start()) {
            return fresh.getParentManager().getManagedArrays().size();
        }
    }

    /** Kilobytes, as Linux counts them. */
    private static long resident() {
        try {
            return Files.readAllLines(Path.of("/proc/self/status")).stream()
                    .filter(it -> it.startsWith("VmRSS:"))
                    .mapToLong(it -> Long.parseLong(it.replaceAll("\\D", "")))
                    .findFirst()
                    .orElseThrow();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
