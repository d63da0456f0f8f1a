package org.lens4j.family;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.lens4j.Fixtures;
import org.lens4j.analysis.parity.Difference;
import org.lens4j.hub.ModelFiles;
import org.lens4j.load.LoadOptions;
import org.lens4j.load.Pretrained;
import org.lens4j.model.HookedTransformer;
import org.lens4j.model.Run;
import org.lens4j.text.Tokens;

/** Logits of families that have no reference activations, beside a plain implementation of Hugging Face's code. */
class HuggingFaceParityTest {
    private static final int[] IDS = {5, 90, 17, 3, 3, 60, 41, 8, 77, 2, 29, 5, 13};

    @TempDir
    private Path folder;

    /** A sample config with some keys replaced. */
    private static JsonObject config(String sample, String changes) throws IOException {
        Path file = Path.of("src/test/resources/configs", sample + ".json");
        JsonObject json = JsonParser.parseString(Files.readString(file)).getAsJsonObject();
        JsonParser.parseString(changes)
                .getAsJsonObject()
                .entrySet()
                .forEach(it -> json.add(it.getKey(), it.getValue()));
        return json;
    }

    private void assertLogits(JsonObject config, ImaginedCheckpoint weights, double[][] expected) throws IOException {
        weights.write(folder, config.toString());
        float[] wanted = new float[expected.length * expected[0].length];
        for (int i = 0; i < wanted.length; i++) {
            wanted[i] = (float) expected[i / expected[0].length][i % expected[0].length];
        }
        long[] ids = java.util.Arrays.stream(IDS).asLongStream().toArray();
        LoadOptions options = LoadOptions.defaults().noProcessing().withoutCheck();
        try (HookedTransformer model =
                        Pretrained.load(ModelFiles.ofDirectory(folder), options).model();
                Run run = model.run(Tokens.of(ids))) {
            float[] logits = run.logits().toFloatArray();
            assertThat(logits).hasSameSizeAs(wanted);
            assertThat(Difference.of(wanted, logits).relative()).isLessThan(Fixtures.TOLERANCE);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "mixtral  | {}",
                "mixtral  | {\"sliding_window\":4,\"head_dim\":6,\"num_local_experts\":5,\"num_experts_per_tok\":3}",
                "qwen3    | {}",
                "qwen3    | {\"attention_bias\":true,\"tie_word_embeddings\":false,\"head_dim\":10}",
                "qwen3    | {\"use_sliding_window\":true,\"sliding_window\":4,\"max_window_layers\":1}",
                "qwen2    | {\"use_sliding_window\":true,\"sliding_window\":4,\"max_window_layers\":2}",
                "gemma3   | {}",
                "gemma3   | {\"rope_scaling\":null,\"num_hidden_layers\":4,\"sliding_window_pattern\":3,\"query_pre_attn_scalar\":20}",
                "gemma2   | {\"sliding_window\":5,\"query_pre_attn_scalar\":9,\"final_logit_softcapping\":3.0}",
                "stablelm2| {}",
                "stablelm2| {\"use_parallel_residual\":true,\"num_key_value_heads\":2,\"use_qkv_bias\":false,\"partial_rotary_factor\":0.5}",
                "mistral  | {}",
                "mistral  | {\"head_dim\":6,\"sliding_window\":3,\"num_key_value_heads\":1}",
                "mistral  | {\"sliding_window\":null,\"rope_theta\":1000000.0}",
                "llama    | {\"rope_scaling\":{\"type\":\"linear\",\"factor\":3.0},\"rope_theta\":700.0}",
                "llama    | {\"attention_bias\":true,\"head_dim\":6,\"rope_theta\":500.0}",
                "llama3   | {\"head_dim\":12,\"attention_bias\":true,\"rope_scaling\":{\"factor\":4.0,\"high_freq_factor\":4.0,\"low_freq_factor\":1.0,\"original_max_position_embeddings\":24,\"rope_type\":\"llama3\"}}",
                "llama3   | {}",
            })
    void descendants_of_llama_give_their_logits(String sample, String changes) throws IOException {
        JsonObject config = config(sample, changes);
        ImaginedCheckpoint weights = new ImaginedCheckpoint(7);
        assertLogits(config, weights, new LlamaReference(config, weights).logits(IDS));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "opt            | {}",
                "starcoder      | {}",
                "starcoder      | {\"multi_query\":false}",
                "santacoder     | {}",
                "santacoder     | {\"scale_attn_by_inverse_layer_idx\":true}",
                "neox_sequential| {}",
                "neox_sequential| {\"rotary_pct\":0.5,\"use_parallel_residual\":true,\"rotary_emb_base\":300}",
                "bloom          | {}",
                "bloom          | {\"n_head\":6,\"hidden_size\":36}",
                "bloom          | {\"n_head\":11,\"hidden_size\":33}",
            })
    void descendants_of_gpt_give_their_logits(String sample, String changes) throws IOException {
        JsonObject config = config(sample, changes);
        ImaginedCheckpoint weights = new ImaginedCheckpoint(8);
        assertLogits(config, weights, new GptReference(config, weights).logits(IDS));
    }
}
