package org.lens4j.analysis.logits;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.lens4j.Fixtures;
import org.lens4j.Lens;
import org.lens4j.cache.ActivationCache;
import org.lens4j.config.Norm;
import org.lens4j.model.HookedTransformer;
import org.lens4j.text.Tokens;
import org.lens4j.weights.Safetensors;

/**
 * The logit lens at the last position gives the logits TransformerLens 2.15.4 gives for the same files, but for one thing: that
 * version divides every layer's residual stream by the last one's scale, and later ones, as we, by its own.
 */
class LogitLensParityTest {
    private static final String NAME = "cache/logit_lens_pos-1";

    static Stream<Path> models() {
        return Fixtures.decoders().stream();
    }

    @ParameterizedTest
    @MethodSource("models")
    void logits_of_every_layer_equal_the_reference(Path folder) {
        Safetensors expected = Fixtures.expected(folder);
        assumeTrue(expected.has(NAME), "no such group");
        long[] shape = expected.entry(NAME).dimensions();
        int vocabulary = Math.toIntExact(shape[2]);
        FloatBuffer logits = expected.bytes(NAME).asFloatBuffer();
        Tokens tokens = Fixtures.tokens(expected);
        try (HookedTransformer model = Lens.load(folder.toAbsolutePath().toString())) {
            float[] bias = model.parameter("unembed.b_U").toFloatArray();
            for (int row = 0; row < shape[1]; row++) {
                Tokens one = tokens.sequences(row);
                LogitLens lens = LensReading.of(
                                model, one, LensOptions.defaults().withTop(vocabulary))
                        .lens();
                assertThat(lens.components().size()).isEqualTo((int) shape[0]);
                double[] scales = scales(model, one);
                for (int component = 0; component < shape[0]; component++) {
                    int start = Math.toIntExact((component * shape[1] + row) * vocabulary);
                    double ratio = scales[component] / scales[scales.length - 1];
                    lens.top().get(component).get(tokens.pos() - 1).forEach(it -> {
                        double wanted = logits.get(start + it.tokenId());
                        double ours = (it.logit() - bias[it.tokenId()]) * ratio + bias[it.tokenId()];
                        assertThat(ours).isCloseTo(wanted, Offset.offset(Fixtures.TOLERANCE * (1 + Math.abs(wanted))));
                    });
                }
            }
        }
    }

    /** What the last norm divides the last position by, at each place. */
    private static double[] scales(HookedTransformer model, Tokens tokens) {
        String[] names = ResidualPoint.beforeBlocks(model.config()).stream()
                .map(it -> it.name().full())
                .toArray(String[]::new);
        boolean centred = model.config().norms().last() == Norm.LAYER;
        try (ActivationCache cache = model.cache(tokens, names)) {
            return Stream.of(names)
                    .map(it -> cache.get(it).toFloatArray())
                    .mapToDouble(all -> {
                        int width = model.config().dModel();
                        double mean = 0;
                        for (int i = all.length - width; centred && i < all.length; i++) {
                            mean += all[i] / (double) width;
                        }
                        double square = 0;
                        for (int i = all.length - width; i < all.length; i++) {
                            square += (all[i] - mean) * (all[i] - mean) / width;
                        }
                        return Math.sqrt(square + model.config().eps());
                    })
                    .toArray();
        }
    }
}
