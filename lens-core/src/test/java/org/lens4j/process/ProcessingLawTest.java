package org.lens4j.process;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import org.lens4j.family.Blueprint;
import org.lens4j.family.ConfigJson;
import org.lens4j.family.Families;
import org.lens4j.family.Row;
import org.lens4j.model.HookedTransformer;
import org.lens4j.model.Run;
import org.lens4j.tensor.Kernels;
import org.lens4j.tensor.Scope;
import org.lens4j.text.Tokens;
import org.lens4j.weights.Parameters;

/** Whatever rewrites are chosen, in whatever architecture, with whatever weights: log-probabilities stay. */
class ProcessingLawTest {
    private static final Path CONFIGS = Path.of("src/test/resources/configs");

    /** No decoders of one stack. */
    private static final Set<String> NOT_PROCESSED = Set.of("bert.json", "t5.json", "t5_gated.json");

    /** Float32 rounds differently after a rewrite; the refactored heads go through a singular value decomposition. */
    private static final double TOLERANCE = 2e-3;

    @Provide
    Arbitrary<String> families() throws IOException {
        try (Stream<Path> files = Files.list(CONFIGS)) {
            return Arbitraries.of(files.map(it -> CONFIGS.relativize(it).toString())
                    .filter(it -> !NOT_PROCESSED.contains(it))
                    .sorted()
                    .toList());
        }
    }

    @Provide
    Arbitrary<Set<Processing.Switch>> passes() {
        return Arbitraries.of(Processing.Switch.class).set();
    }

    @Property(tries = 150)
    void any_passes_leave_the_log_probabilities_of_every_family(
            @ForAll("families") String config, @ForAll("passes") Set<Processing.Switch> passes, @ForAll long seed)
            throws IOException {
        check(Files.readString(CONFIGS.resolve(config)), passes, seed);
    }

    @Property(tries = 60)
    void any_shape_keeps_its_log_probabilities(
            @ForAll @IntRange(min = 1, max = 3) int layers,
            @ForAll @IntRange(min = 1, max = 4) int heads,
            @ForAll @IntRange(min = 1, max = 9) int dHead,
            @ForAll @IntRange(min = 2, max = 40) int vocabulary,
            @ForAll long seed)
            throws IOException {
        String config = """
                {"architectures": ["GPT2LMHeadModel"], "n_embd": %d, "n_layer": %d, "n_head": %d, "vocab_size": %d,
                 "n_positions": 8}""".formatted(heads * dHead, layers, heads, vocabulary);
        check(config, EnumSet.allOf(Processing.Switch.class), seed);
    }

    private static void check(String configText, Set<Processing.Switch> passes, long seed) {
        Blueprint blueprint = Families.blueprint(ConfigJson.parse("config.json", configText));
        Random random = new Random(seed);
        try (HookedTransformer raw = random(blueprint, random)) {
            Processing.Outcome outcome = new Processing(passes).apply(raw.config(), raw.parameters(), Scope.root());
            assertThat(outcome.applied()).hasSizeLessThanOrEqualTo(passes.size());
            try (HookedTransformer processed =
                    new HookedTransformer("x", raw.config(), outcome.parameters(), Optional.empty())) {
                Tokens tokens = tokens(raw, random);
                float[] before = logProbs(raw, tokens);
                float[] after = logProbs(processed, tokens);
                for (int i = 0; i < before.length; i++) {
                    assertThat((double) after[i])
                            .as(
                                    "%s of %s",
                                    outcome.applied(), blueprint.config().family())
                            .isCloseTo(before[i], org.assertj.core.data.Offset.offset(TOLERANCE));
                }
            }
        }
    }

    /** Every parameter is drawn, gains around 1, also those that an architecture has as constants. */
    private static HookedTransformer random(Blueprint blueprint, Random random) {
        Scope scope = Scope.root();
        Map<String, NDArray> drawn = new LinkedHashMap<>();
        for (Row row : blueprint.expanded()) {
            var shape = row.shape(blueprint.config());
            float[] values = new float[(int) shape.size()];
            boolean gain = row.ours().endsWith(".w");
            for (int i = 0; i < values.length; i++) {
                values[i] = (float) ((gain ? 1 : 0) + random.nextGaussian() * 0.3);
            }
            drawn.put(row.ours(), scope.floats(values, shape));
        }
        return new HookedTransformer("x", blueprint.config(), new Parameters(scope, drawn), Optional.empty());
    }

    private static Tokens tokens(HookedTransformer model, Random random) {
        long[] ids = random.longs(
                        Math.min(6, model.config().nCtx()), 0, model.config().dVocab())
                .toArray();
        return Tokens.of(ids);
    }

    private static float[] logProbs(HookedTransformer model, Tokens tokens) {
        try (Run run = model.run(tokens)) {
            return Kernels.call("log_softmax", run.logits()).toFloatArray();
        }
    }
}
