package org.lens4j.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.ShrinkingMode;
import org.junit.jupiter.api.Test;
import org.lens4j.RandomModel;
import org.lens4j.config.Attention;
import org.lens4j.config.AttentionSpan;
import org.lens4j.config.Mlp;
import org.lens4j.config.ModelConfig;
import org.lens4j.config.Norm;
import org.lens4j.config.Norms;
import org.lens4j.config.PositionEmbedding;
import org.lens4j.config.Sizes;
import org.lens4j.error.CheckpointException;
import org.lens4j.family.ConfigJson;
import org.lens4j.family.Families;
import org.lens4j.family.NativeConfig;
import org.lens4j.hub.ModelFiles;
import org.lens4j.model.HookedTransformer;
import org.lens4j.model.RunOptions;
import org.lens4j.process.Processing;
import org.lens4j.tensor.Scope;
import org.lens4j.weights.Parameters;

/** Any model can be saved in TransformerLens's own form and loaded again, bit for bit. */
class NativeFormatLawsTest {
    private static final String SEED = "23";
    private static final int TRIES = 30;

    @Provide
    Arbitrary<RandomModel> writable() {
        return RandomModel.any(NativeFormatLawsTest::isWritable);
    }

    private static boolean isWritable(ModelConfig config) {
        Norms norms = config.norms();
        boolean lastFits = norms.last() == norms.blocks() || (norms.blocks() == Norm.LAYER && norms.last() == Norm.RMS);
        long windows = config.spans().stream()
                .filter(AttentionSpan.Local.class::isInstance)
                .distinct()
                .count();
        return lastFits && windows <= 1;
    }

    private static ModelConfig named(ModelConfig config, String family) {
        return config.withFamily(family);
    }

    @Property(tries = 300, seed = SEED, shrinking = ShrinkingMode.OFF)
    void a_config_is_read_as_it_was_written(@ForAll("writable") RandomModel random) {
        ConfigJson json = ConfigJson.parse("config.json", NativeConfig.text(random.config()));
        assertThat(Families.config(json)).isEqualTo(named(random.config(), "HookedTransformer"));
    }

    private static float[] values(Parameters parameters, String name) {
        try (Scope scope = Scope.root()) {
            return scope.copy(parameters.get(name)).toFloatArray();
        }
    }

    private static void assertRoundTrip(RandomModel random, HookedTransformer model) throws IOException {
        Path folder = Files.createTempDirectory("native");
        try {
            CheckpointWriter.of("config.json", NativeConfig.text(random.config()))
                    .write(folder, model.parameters());
            LoadOptions options = LoadOptions.defaults().noProcessing().withoutCheck();
            try (HookedTransformer again =
                    Pretrained.load(ModelFiles.ofDirectory(folder), options).model()) {
                assertThat(again.parameters().names())
                        .containsExactlyElementsOf(model.parameters().names());
                for (String name : model.parameters().names()) {
                    assertThat(values(again.parameters(), name)).as(name).isEqualTo(values(model.parameters(), name));
                }
                assertThat(RandomModel.logits(again, random.tokens(), RunOptions.defaults()))
                        .isEqualTo(RandomModel.logits(model, random.tokens(), RunOptions.defaults()));
            }
        } finally {
            for (Path file : List.of(folder.resolve("config.json"), folder.resolve("model.safetensors"), folder)) {
                Files.deleteIfExists(file);
            }
        }
    }

    @Property(tries = TRIES, seed = SEED, shrinking = ShrinkingMode.OFF)
    void a_model_survives_export_and_load_bit_for_bit(@ForAll("writable") RandomModel random) throws IOException {
        try (HookedTransformer model = random.open()) {
            assertRoundTrip(random, model);
        }
    }

    @Property(tries = TRIES, seed = SEED, shrinking = ShrinkingMode.OFF)
    void a_processed_model_does_too(@ForAll("writable") RandomModel random) throws IOException {
        try (Parameters raw = random.parameters();
                HookedTransformer model = new HookedTransformer(
                        "processed",
                        random.config(),
                        Processing.standard()
                                .apply(random.config(), raw, Scope.root())
                                .parameters(),
                        java.util.Optional.empty())) {
            assertRoundTrip(random, model);
        }
    }

    private static ModelConfig with(Norms norms, List<AttentionSpan> spans) {
        return ModelConfig.of(
                "Mine",
                new Sizes(2, 8, 11, 16),
                new PositionEmbedding.Learned(),
                norms,
                Attention.of(2, 2, 4).withSpans(spans),
                new Mlp.None());
    }

    @Test
    void what_the_format_cannot_say_is_refused() {
        List<AttentionSpan> global = List.of(new AttentionSpan.Global(), new AttentionSpan.Global());
        assertThatThrownBy(() -> NativeConfig.text(
                        with(Norms.layerNorm(1e-5f), List.of(new AttentionSpan.Local(2), new AttentionSpan.Local(3)))))
                .isInstanceOf(CheckpointException.class)
                .hasMessage(
                        "A model of the shape of Mine has windows of [2, 3] positions in different layers, and config.json of a HookedTransformer cannot say that. Save it as its own family.");
        assertThatThrownBy(() -> NativeConfig.text(with(Norms.rms(1e-5f).withLast(Norm.LAYER), global)))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("a last norm of kind LAYER after norms of kind RMS");
    }
}
