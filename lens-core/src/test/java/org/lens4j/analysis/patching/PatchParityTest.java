package org.lens4j.analysis.patching;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.data.Offset.offset;

import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.lens4j.Fixtures;
import org.lens4j.analysis.Axis;
import org.lens4j.analysis.parity.Difference;
import org.lens4j.model.HookedTransformer;
import org.lens4j.text.Tokens;
import org.lens4j.weights.Safetensors;

/** Every sweep equals what TransformerLens's function of that name gives for the same files. */
class PatchParityTest {
    private static final String GROUP = "patch/";
    private static final Map<String, Function<ActivationPatch, PatchResult>> SWEEPS = sweeps();

    private static Map<String, Function<ActivationPatch, PatchResult>> sweeps() {
        Map<String, Function<ActivationPatch, PatchResult>> all = new LinkedHashMap<>();
        all.put("resid_pre", it -> it.run(PatchSite.residPre()));
        all.put("resid_mid", it -> it.run(PatchSite.residMid()));
        all.put("attn_out", it -> it.run(PatchSite.attnOut()));
        all.put("mlp_out", it -> it.run(PatchSite.mlpOut()));
        all.put("attn_head_out_all_pos", it -> it.run(PatchSite.headOut()));
        all.put("attn_head_q_all_pos", it -> it.run(PatchSite.headQ()));
        all.put("attn_head_k_all_pos", it -> it.run(PatchSite.headK()));
        all.put("attn_head_v_all_pos", it -> it.run(PatchSite.headV()));
        all.put("attn_head_pattern_all_pos", it -> it.run(PatchSite.headPattern()));
        all.put("attn_head_out_by_pos", it -> it.run(PatchSite.headOutByPos()));
        all.put("attn_head_q_by_pos", it -> it.run(PatchSite.headQByPos()));
        all.put("attn_head_k_by_pos", it -> it.run(PatchSite.headKByPos()));
        all.put("attn_head_v_by_pos", it -> it.run(PatchSite.headVByPos()));
        all.put("attn_head_pattern_by_pos", it -> it.run(PatchSite.headPatternByPos()));
        all.put("attn_head_pattern_dest_src_pos", it -> it.run(PatchSite.headPatternByBoth()));
        all.put("attn_head_all_pos_every", ActivationPatch::everyHead);
        all.put("attn_head_by_pos_every", ActivationPatch::everyHeadByPos);
        all.put("block_every", ActivationPatch::everyBlock);
        return all;
    }

    static Stream<Path> models() {
        return Fixtures.decoders().stream()
                .filter(it -> Fixtures.expected(it).names().stream().anyMatch(name -> name.startsWith(GROUP)));
    }

    private static Tokens tokens(Safetensors expected, String name) {
        LongBuffer ids = expected.bytes(GROUP + name).asLongBuffer();
        long[] row = new long[ids.remaining()];
        ids.get(row);
        return Tokens.of(row);
    }

    private static float[] floats(Safetensors expected, String name) {
        FloatBuffer stored = expected.bytes(name).asFloatBuffer();
        float[] values = new float[stored.remaining()];
        stored.get(values);
        return values;
    }

    @ParameterizedTest
    @MethodSource("models")
    void every_sweep_equals_the_reference(Path folder) {
        Safetensors expected = Fixtures.expected(folder);
        PatchPairs pairs = PatchPairs.of(tokens(expected, "clean_tokens"), tokens(expected, "corrupted_tokens"));
        List<String> wrong = new ArrayList<>();
        try (HookedTransformer raw = Fixtures.raw(folder)) {
            ActivationPatch patch = ActivationPatch.of(raw.processed(), pairs, PatchMetric.logitDifference(5, 7));
            for (String name : expected.names()) {
                if (!name.startsWith(GROUP + "get_act_patch_")) {
                    continue;
                }
                String sweep = name.substring((GROUP + "get_act_patch_").length());
                assertThat(SWEEPS).as("sweeps of " + folder).containsKey(sweep);
                PatchResult result = Objects.requireNonNull(SWEEPS.get(sweep)).apply(patch);
                assertThat(result.grid().axes().stream().mapToLong(Axis::size).toArray())
                        .as(name)
                        .isEqualTo(expected.entry(name).dimensions());
                double distance = Difference.of(
                                floats(expected, name), result.grid().values())
                        .relative();
                if (distance > Fixtures.TOLERANCE) {
                    wrong.add("%s by %s".formatted(name, distance));
                }
                assertThat(result.scores().get(0).cleanMean())
                        .isCloseTo(floats(expected, GROUP + "clean_metric")[0], offset(1e-4f));
                assertThat(result.scores().get(0).corruptedMean())
                        .isCloseTo(floats(expected, GROUP + "corrupted_metric")[0], offset(1e-4f));
            }
        }
        assertThat(wrong).isEmpty();
    }
}
