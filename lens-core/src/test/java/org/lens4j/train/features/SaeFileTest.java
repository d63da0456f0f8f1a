package org.lens4j.train.features;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.lens4j.error.CheckpointException;
import org.lens4j.error.RangeException;
import org.lens4j.error.ShapeException;
import org.lens4j.weights.SafetensorsWriter;
import org.lens4j.weights.SafetensorsWriter.Floats;

/** Two numbers in, three features, by hand. */
class SaeFileTest {
    private static final String OLD = """
            {"architecture": "standard", "d_in": 2, "d_sae": 3, "hook_name": "blocks.1.hook_resid_post",
             "hook_layer": 1, "hook_head_index": null, "activation_fn_str": "relu", "apply_b_dec_to_input": true,
             "finetuning_scaling_factor": false, "normalize_activations": "none", "l1_coefficient": 5, "dtype": "float32"}""";
    private static final String NEW = """
            {"d_in": 2, "d_sae": 3, "dtype": "float32", "device": "cuda:0", "apply_b_dec_to_input": true,
             "normalize_activations": "none", "reshape_activations": "none", "architecture": "ARCH",
             "metadata": {"hook_name": "blocks.1.hook_resid_post", "model_name": "demo", "seqpos_slice": [null]}}""";

    private static final float[] ROW = {3, 1};

    @TempDir
    Path folder;

    /** Sums of the row less b_dec, (2, 3): 2 + 0.5, 3 - 1, -2 + 1. */
    private void write(String config, boolean threshold) throws IOException {
        Map<String, Floats> tensors = new LinkedHashMap<>();
        tensors.put("W_enc", new Floats(new long[] {2, 3}, new float[] {1, 0, -1, 0, 1, 0}));
        tensors.put("b_enc", new Floats(new long[] {3}, new float[] {0.5f, -1, 1}));
        tensors.put("W_dec", new Floats(new long[] {3, 2}, new float[] {1, 0, 0, 2, 3, 4}));
        tensors.put("b_dec", new Floats(new long[] {2}, new float[] {1, -2}));
        if (threshold) {
            tensors.put("threshold", new Floats(new long[] {3}, new float[] {2.4f, 2, 2.4f}));
        }
        SafetensorsWriter.write(folder.resolve("sae_weights.safetensors"), tensors);
        Files.writeString(folder.resolve("cfg.json"), config);
    }

    private SparseAutoencoder load() throws IOException {
        return SparseAutoencoder.load(folder);
    }

    @Test
    void standard_is_a_relu_of_what_is_left_without_the_decoders_bias() throws IOException {
        write(OLD, false);
        SparseAutoencoder sae = load();
        assertThat(sae.hook()).isEqualTo("blocks.1.hook_resid_post");
        assertThat(sae.encode(ROW)).containsExactly(2.5f, 2, 0);
        assertThat(sae.decode(2.5f, 2, 0)).containsExactly(3.5f, 2);
        assertThat(sae.decoder(1)).containsExactly(0, 2);
        assertThat(sae.encoder(0)).containsExactly(1, 0);
    }

    @Test
    void the_bias_stays_where_the_file_says_so() throws IOException {
        write(OLD.replace("\"apply_b_dec_to_input\": true", "\"apply_b_dec_to_input\": false"), false);
        assertThat(load().encode(ROW)).containsExactly(3.5f, 0, 0);
    }

    @Test
    void topk_leaves_the_greatest() throws IOException {
        write(NEW.replace("\"ARCH\"", "\"topk\", \"k\": 1"), false);
        assertThat(load().encode(ROW)).containsExactly(2.5f, 0, 0);
        write(OLD.replace("\"relu\"", "\"topk\", \"activation_fn_kwargs\": {\"k\": 2}"), false);
        assertThat(load().encode(ROW)).containsExactly(2.5f, 2, 0);
    }

    @Test
    void rescaled_topk_chooses_by_what_is_added() throws IOException {
        write(NEW.replace("\"ARCH\"", "\"topk\", \"k\": 1, \"rescale_acts_by_decoder_norm\": true"), false);
        SparseAutoencoder sae = load();
        float[] acts = sae.encode(ROW);
        assertThat(acts).containsExactly(0, 4, 0);
        assertThat(sae.decode(acts)).containsExactly(1, 2);
    }

    @Test
    void jumprelu_leaves_what_is_above_the_threshold() throws IOException {
        write(NEW.replace("ARCH", "jumprelu"), true);
        // The second feature's sum is its threshold, and the first of the other row's is below it.
        assertThat(load().encode(ROW)).containsExactly(2.5f, 0, 0);
        assertThat(load().encode(2.5f, 1)).containsExactly(0, 0, 0);
    }

    @Test
    void what_is_saved_reads_the_same() throws IOException {
        write(NEW.replace("ARCH", "jumprelu"), true);
        SparseAutoencoder sae = load();
        Path copy = folder.resolve("copy");
        sae.save(copy, "demo");
        SparseAutoencoder again = SparseAutoencoder.load(copy);
        assertThat(again.toString()).isEqualTo(sae.toString());
        assertThat(again.encode(ROW)).isEqualTo(sae.encode(ROW));
        assertThat(again.decode(1, 2, 3)).isEqualTo(sae.decode(1, 2, 3));
        assertThat(Files.readString(copy.resolve("cfg.json")))
                .contains("\"architecture\": \"jumprelu\"", "\"hook_name\": \"blocks.1.hook_resid_post\"");
        write(NEW.replace("\"ARCH\"", "\"topk\", \"k\": 2"), false);
        load().save(copy, "demo");
        assertThat(SparseAutoencoder.load(copy).encode(ROW)).isEqualTo(load().encode(ROW));
    }

    @ParameterizedTest
    @CsvSource({
        "normalize_activations, \"layer_norm\", has normalize_activations=layer_norm",
        "normalize_activations, \"expected_average_only_in\", has normalize_activations=expected_average_only_in",
        "hook_head_index, 3, has hook_head_index=3",
        "finetuning_scaling_factor, true, has finetuning_scaling_factor=true",
        "architecture, \"gated\", 'has architecture=gated. This version reads standard, topk and jumprelu.'",
        "activation_fn_str, \"tanh-relu\", has activation_fn=tanh-relu",
        "hook_name, null, has no hook_name",
        "d_in, null, has no d_in",
        "d_in, 5, 'has shape (2, 3), and by cfg.json it is (5, 3)'",
        "architecture, \"jumprelu\", a jumprelu autoencoder has"
    })
    void what_would_be_read_wrongly_is_named(String key, String value, String message) throws IOException {
        write(OLD.replaceAll("\"" + key + "\": [^,}]*", "\"" + key + "\": " + value), false);
        assertThatThrownBy(this::load).isInstanceOf(CheckpointException.class).hasMessageContaining(message);
    }

    @Test
    void folders_and_rows_that_do_not_fit_are_explained() throws IOException {
        assertThatThrownBy(this::load)
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("has no cfg.json. Name a folder with cfg.json and sae_weights.safetensors");
        write("[1]", false);
        assertThatThrownBy(this::load)
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("is not a configuration of SAELens");
        write(OLD, false);
        SparseAutoencoder sae = load();
        assertThatThrownBy(() -> sae.encode(1, 2, 3))
                .isInstanceOf(ShapeException.class)
                .hasMessageStartingWith("3 numbers are no whole rows of 2");
        assertThatThrownBy(() -> sae.decoder(3)).isInstanceOf(RangeException.class);
        assertThat(sae.decode(0, 0, 0)).containsExactly(new float[] {1, -2}, within(0f));
    }
}
