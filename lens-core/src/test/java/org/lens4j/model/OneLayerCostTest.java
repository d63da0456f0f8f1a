package org.lens4j.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.UnaryOperator;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.lens4j.Lens;
import org.lens4j.cache.ActivationCache;
import org.lens4j.cache.CacheBudget;
import org.lens4j.config.Activation;
import org.lens4j.config.Attention;
import org.lens4j.config.Mlp;
import org.lens4j.config.ModelConfig;
import org.lens4j.config.Norms;
import org.lens4j.config.PositionEmbedding;
import org.lens4j.config.Sizes;
import org.lens4j.text.Tokens;

/**
 * What one layer costs beside all activations, on a random model of the shape of GPT-2 small: time, and the peak of resident
 * memory, which Linux counts. Run it alone: {@code -Dtest=OneLayerCostTest -DexcludedGroups=}.
 */
@Tag("bench")
class OneLayerCostTest {
    private static final int ROUNDS = 5;
    private static final int POS = 512;
    private static final Path STATUS = Path.of("/proc/self/status");

    private static final ModelConfig GPT2_SMALL = ModelConfig.of(
            "GPT2LMHeadModel",
            new Sizes(12, 768, 50257, 1024),
            new PositionEmbedding.Learned(),
            Norms.layerNorm(1e-5f),
            Attention.of(12, 12, 64),
            new Mlp.Plain(4 * 768, Activation.GELU_TANH));

    /** What is kept, and how. */
    private enum Kind {
        ONE("blocks.3.hook_resid_post", options -> options.withCached("blocks.3.hook_resid_post")),
        ALL("*", options -> options.withCached("*")),
        HALF("* as float16", options -> options.withCached("*").withFloat16Cache()),
        SPILLED("* within 20 MB", options -> options.withCached("*").withCacheBudget(CacheBudget.ofMegabytes(20)));

        private final String words;

        @SuppressWarnings("ImmutableEnumChecker") // the functions hold no state
        private final UnaryOperator<RunOptions> options;

        Kind(String words, UnaryOperator<RunOptions> options) {
            this.words = words;
            this.options = options;
        }

        ActivationCache cache(HookedTransformer model, int pos) {
            Tokens tokens = Tokens.of(
                    LongStream.range(0, pos).map(it -> it * 31 % 50257).toArray());
            return model.cache(tokens, options.apply(RunOptions.defaults()));
        }
    }

    private static long kilobytes(String field) throws IOException {
        return Files.readAllLines(STATUS).stream()
                .filter(it -> it.startsWith(field))
                .mapToLong(it -> Long.parseLong(it.replaceAll("\\D", "")))
                .findFirst()
                .orElseThrow();
    }

    /** In a process of its own: prints how far the peak of resident memory grew in one run. */
    public static void main(String[] arguments) throws IOException {
        Kind kind = Kind.valueOf(arguments[0]);
        try (HookedTransformer model = Lens.newModel(GPT2_SMALL, 1)) {
            for (int warm = 0; warm < 3; warm++) {
                kind.cache(model, 8).close();
            }
            Files.writeString(Path.of("/proc/self/clear_refs"), "5");
            long before = kilobytes("VmRSS:");
            try (ActivationCache cache = kind.cache(model, POS)) {
                System.out.println("PEAK " + (kilobytes("VmHWM:") - before));
                if (cache.size() == 0) {
                    throw new IllegalStateException("nothing was kept");
                }
            }
        }
    }

    /** Megabytes. The process gives freed memory back at once, so that what is resident is what is in use. */
    private static double peak(Kind kind) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(
                List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString()));
        command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
        command.addAll(
                List.of("-cp", System.getProperty("java.class.path"), OneLayerCostTest.class.getName(), kind.name()));
        ProcessBuilder builder = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT);
        builder.environment().put("MALLOC_MMAP_THRESHOLD_", "131072");
        Process process = builder.start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
        return output.lines()
                        .filter(it -> it.startsWith("PEAK "))
                        .mapToLong(it -> Long.parseLong(it.substring("PEAK ".length())))
                        .findFirst()
                        .orElseThrow()
                * 1024
                / 1e6;
    }

    private static double milliseconds(HookedTransformer model, Kind kind) {
        List<Double> times = new ArrayList<>();
        for (int round = -1; round < ROUNDS; round++) {
            long start = System.nanoTime();
            try (ActivationCache cache = kind.cache(model, POS)) {
                if (round >= 0) {
                    times.add((System.nanoTime() - start) / 1e6);
                }
                assertThat(cache.size()).isPositive();
            }
        }
        Collections.sort(times);
        return times.get(ROUNDS / 2);
    }

    @Test
    void one_layer_takes_less_time_and_memory_than_everything() throws IOException, InterruptedException {
        assumeThat(STATUS).exists();
        Map<Kind, Double> times = new EnumMap<>(Kind.class);
        Map<Kind, Double> peaks = new EnumMap<>(Kind.class);
        try (HookedTransformer model = Lens.newModel(GPT2_SMALL, 1)) {
            for (Kind kind : Kind.values()) {
                times.put(kind, milliseconds(model, kind));
            }
        }
        for (Kind kind : Kind.values()) {
            peaks.put(kind, peak(kind));
            System.out.printf(
                    Locale.ROOT,
                    "[1,%d] %-26s %8.1f ms, peak %8.1f MB above rest%n",
                    POS,
                    kind.words,
                    times.get(kind),
                    peaks.get(kind));
        }
        double everything = Objects.requireNonNull(peaks.get(Kind.ALL));
        assertThat(times.get(Kind.ONE)).isLessThan(Objects.requireNonNull(times.get(Kind.ALL)) / 2);
        assertThat(peaks.get(Kind.ONE)).isLessThan(everything / 4);
        assertThat(peaks.get(Kind.SPILLED)).isLessThan(everything / 2);
    }
}
