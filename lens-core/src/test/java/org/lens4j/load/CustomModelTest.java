package org.lens4j.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.lens4j.Lens;
import org.lens4j.config.Activation;
import org.lens4j.config.Attention;
import org.lens4j.config.Mlp;
import org.lens4j.config.ModelConfig;
import org.lens4j.config.Norms;
import org.lens4j.config.PositionEmbedding;
import org.lens4j.config.Sizes;
import org.lens4j.family.Blueprint;
import org.lens4j.family.ConfigJson;
import org.lens4j.family.Family;
import org.lens4j.family.NativeRows;
import org.lens4j.model.HookedTransformer;
import org.lens4j.model.Run;
import org.lens4j.tensor.Scope;
import org.lens4j.text.Tokens;
import org.lens4j.weights.SafetensorsWriter;

/** Models nobody published: described in a file, in Java, or drawn at random. */
class CustomModelTest {
    private static final Tokens TOKENS = Tokens.of(new long[] {3, 1, 4, 1, 5, 9, 2, 6});
    private static final ModelConfig VARIANT = ModelConfig.of(
            "nanoGPT-RMS",
            new Sizes(2, 32, 97, 64),
            new PositionEmbedding.Learned(),
            Norms.rms(1e-5f),
            Attention.of(2, 4, 8).withQkNorm(),
            new Mlp.Plain(128, Activation.GELU));

    private static float[] values(HookedTransformer model, String name) {
        try (Scope scope = Scope.root()) {
            return scope.copy(model.parameters().get(name)).toFloatArray();
        }
    }

    private static SafetensorsWriter.Floats floats(float[] values, long... shape) {
        return new SafetensorsWriter.Floats(shape, values);
    }

    /** A [rows columns] matrix turned, by index arithmetic. */
    private static float[] transposed(float[] x, int rows, int columns) {
        float[] y = new float[x.length];
        for (int i = 0; i < x.length; i++) {
            y[i % columns * rows + i / columns] = x[i];
        }
        return y;
    }

    /** The variant's checkpoint, written as its training code would: (h qkv d) rows in the fused layer. */
    private static void write(HookedTransformer model, Path folder) throws IOException {
        Map<String, SafetensorsWriter.Floats> tensors = new LinkedHashMap<>();
        tensors.put("transformer.wte.weight", floats(values(model, "embed.W_E"), 97, 32));
        tensors.put("transformer.wpe.weight", floats(values(model, "pos_embed.W_pos"), 64, 32));
        tensors.put("transformer.ln_f.weight", floats(values(model, "ln_final.w"), 32));
        tensors.put("lm_head.weight", floats(transposed(values(model, "unembed.W_U"), 32, 97), 97, 32));
        tensors.put("lm_head.bias", floats(values(model, "unembed.b_U"), 97));
        for (int layer = 0; layer < 2; layer++) {
            String ours = "blocks." + layer + ".";
            String theirs = "transformer.h." + layer + ".";
            float[][] qkv = {
                values(model, ours + "attn.W_Q"), values(model, ours + "attn.W_K"), values(model, ours + "attn.W_V")
            };
            float[] fused = new float[3 * 32 * 32];
            for (int h = 0; h < 4; h++) {
                for (int which = 0; which < 3; which++) {
                    for (int d = 0; d < 8; d++) {
                        for (int m = 0; m < 32; m++) {
                            fused[((h * 3 + which) * 8 + d) * 32 + m] = qkv[which][(h * 32 + m) * 8 + d];
                        }
                    }
                }
            }
            tensors.put(theirs + "attn.c_attn.weight", floats(fused, 96, 32));
            tensors.put(theirs + "attn.q_norm.weight", floats(values(model, ours + "attn.q_norm.w"), 8));
            tensors.put(theirs + "attn.k_norm.weight", floats(values(model, ours + "attn.k_norm.w"), 8));
            tensors.put(
                    theirs + "attn.c_proj.weight",
                    floats(transposed(values(model, ours + "attn.W_O"), 32, 32), 32, 32));
            tensors.put(theirs + "ln_1.weight", floats(values(model, ours + "ln1.w"), 32));
            tensors.put(theirs + "ln_2.weight", floats(values(model, ours + "ln2.w"), 32));
            tensors.put(
                    theirs + "mlp.c_fc.weight", floats(transposed(values(model, ours + "mlp.W_in"), 32, 128), 128, 32));
            tensors.put(
                    theirs + "mlp.c_proj.weight",
                    floats(transposed(values(model, ours + "mlp.W_out"), 128, 32), 32, 128));
        }
        SafetensorsWriter.write(folder.resolve("model.safetensors"), tensors);
        Files.writeString(
                folder.resolve("config.json"),
                "{\"n_layer\":2,\"n_head\":4,\"n_embd\":32,\"block_size\":64,\"vocab_size\":97,\"dropout\":0.1}");
    }

    private static float[] logits(HookedTransformer model) {
        try (Run run = model.run(TOKENS)) {
            return run.logits().toFloatArray();
        }
    }

    /** The same weights to the bit; what is computed of them differs in the last one where they lie elsewhere in memory. */
    private static void requireSame(HookedTransformer loaded, HookedTransformer drawn) {
        for (String name : drawn.parameters().names()) {
            assertThat(values(loaded, name)).as(name).isEqualTo(values(drawn, name));
        }
        assertThat(logits(loaded)).containsExactly(logits(drawn), within(1e-5f));
    }

    @Test
    void the_pages_family_file_loads_its_checkpoint(@TempDir Path folder) throws IOException {
        String page = Files.readString(Path.of("CUSTOM-MODELS.md"));
        int from = page.indexOf("```json") + "```json".length();
        Path family =
                Files.writeString(folder.resolve("my-family.json"), page.substring(from, page.indexOf("```", from)));
        try (HookedTransformer drawn = Lens.newModel(VARIANT, 7)) {
            write(drawn, folder);
            LoadOptions options = LoadOptions.defaults().noProcessing().withFamily(family);
            try (HookedTransformer loaded = Lens.load(folder.toString(), options)) {
                assertThat(loaded.config()).isEqualTo(VARIANT);
                requireSame(loaded, drawn);
            }
        }
    }

    @Test
    void two_parameters_of_one_part_are_rewritten_apart(@TempDir Path folder) throws IOException {
        String page = Files.readString(Path.of("CUSTOM-MODELS.md"));
        int from = page.indexOf("```json") + "```json".length();
        String shared = page.substring(from, page.indexOf("```", from)).replaceFirst("(W_K.*\"part\": )1", "$12");
        Path family = Files.writeString(folder.resolve("my-family.json"), shared);
        try (HookedTransformer drawn = Lens.newModel(VARIANT, 7)) {
            write(drawn, folder);
        }
        Pretrained loaded =
                Pretrained.load(folder.toString(), LoadOptions.defaults().withFamily(family));
        try (HookedTransformer model = loaded.model()) {
            assertThat(values(model.raw(), "blocks.0.attn.W_K")).isEqualTo(values(model.raw(), "blocks.0.attn.W_V"));
            assertThat(loaded.report().check().orElseThrow().passed())
                    .as(loaded.report().summary())
                    .isTrue();
        }
    }

    @Test
    void a_family_may_be_written_in_java(@TempDir Path folder) throws IOException {
        Family own = new Family() {
            @Override
            public java.util.Set<String> architectures() {
                return java.util.Set.of("Mine");
            }

            @Override
            public Blueprint read(ConfigJson json) {
                assertThat(json.integer("layers")).isEqualTo(2);
                return new Blueprint(
                        VARIANT,
                        NativeRows.of(VARIANT, false),
                        new Blueprint.Tensors(List.of("mine."), false, List.of()));
            }

            @Override
            public java.util.Set<String> ignoredKeys() {
                return java.util.Set.of("note");
            }
        };
        try (HookedTransformer drawn = Lens.newModel(VARIANT, 8)) {
            Map<String, SafetensorsWriter.Floats> tensors = new LinkedHashMap<>();
            for (String name : drawn.parameters().names()) {
                try (NDArray shape = drawn.parameter(name)) {
                    tensors.put(
                            "mine." + name,
                            floats(values(drawn, name), shape.getShape().getShape()));
                }
            }
            SafetensorsWriter.write(folder.resolve("model.safetensors"), tensors);
            Files.writeString(folder.resolve("config.json"), "{\"layers\":2,\"note\":\"tea\"}");
            LoadOptions options = LoadOptions.defaults().noProcessing().withFamily(own);
            try (HookedTransformer loaded = Lens.load(folder.toString(), options)) {
                requireSame(loaded, drawn);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Initialisation.Mode.class)
    void every_mode_draws_with_its_spread(Initialisation.Mode mode) {
        try (HookedTransformer model =
                Lens.newModel(VARIANT, Initialisation.seeded(3).withMode(mode))) {
            double in = 32;
            double out = 128;
            double expected =
                    switch (mode) {
                        case GPT2 -> 0.8 / Math.sqrt(32);
                        case XAVIER_UNIFORM, XAVIER_NORMAL -> Math.sqrt(2 / (in + out));
                        case KAIMING_UNIFORM, KAIMING_NORMAL -> Math.sqrt(2 / in);
                        case MUP -> 1 / Math.sqrt(in);
                    };
            // 4096 numbers: their standard deviation is within 5 percent of the distribution's.
            assertThat(deviation(values(model, "blocks.1.mlp.W_in")) / expected).isBetween(0.95, 1.05);
            assertThat(values(model, "blocks.1.attn.b_Q")).containsOnly(0f);
            assertThat(values(model, "ln_final.w")).containsOnly(1f);
            if (mode == Initialisation.Mode.MUP) {
                assertThat(deviation(values(model, "unembed.W_U")) * 32).isBetween(0.95, 1.05);
                assertThat(deviation(values(model, "embed.W_E"))).isBetween(0.95, 1.05);
            }
        }
    }

    @Test
    void the_same_seed_draws_the_same_model() {
        try (HookedTransformer one = Lens.newModel(VARIANT, 5);
                HookedTransformer same = Lens.newModel(VARIANT, 5);
                HookedTransformer other = Lens.newModel(VARIANT, 6)) {
            assertThat(logits(one)).isEqualTo(logits(same)).isNotEqualTo(logits(other));
        }
    }

    private static double deviation(float[] values) {
        double mean = 0;
        double square = 0;
        for (float value : values) {
            mean += value;
            square += value * value;
        }
        mean /= values.length;
        return Math.sqrt(square / values.length - mean * mean);
    }
}
