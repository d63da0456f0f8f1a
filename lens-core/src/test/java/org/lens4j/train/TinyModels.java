package org.lens4j.train;

import java.util.Random;
import org.lens4j.family.ConfigJson;
import org.lens4j.text.Tokens;

/** Shapes of models small enough to train inside a test, and tokens for them. */
final class TinyModels {
    static final int D_VOCAB = 13;

    static final String GPT_NEO = """
            {"architectures": ["GPTNeoForCausalLM"], "hidden_size": 8, "num_layers": 2, "num_heads": 2,
             "vocab_size": 13, "max_position_embeddings": 12, "window_size": 4,
             "attention_layers": ["global", "local"], "bos_token_id": 12}""";

    static final String GPT2 = """
            {"architectures": ["GPT2LMHeadModel"], "n_embd": 8, "n_layer": 2, "n_head": 2,
             "vocab_size": 13, "n_positions": 12, "bos_token_id": 12}""";

    static final String GPT2_UNTIED = GPT2.replace("\"n_embd\"", "\"tie_word_embeddings\": false, \"n_embd\"");

    private TinyModels() {}

    static TrainableModel fresh(String config, long seed) {
        return TrainableModel.fresh("tiny", ConfigJson.parse("tiny", config), seed);
    }

    /** Rows that count upwards from a random number, so that there is something to learn. */
    static Tokens counting(int rows, int length, Random random) {
        long[][] ids = new long[rows][length];
        for (long[] row : ids) {
            int start = random.nextInt(D_VOCAB);
            for (int pos = 0; pos < length; pos++) {
                row[pos] = Math.floorMod(start + pos, D_VOCAB);
            }
        }
        return Tokens.of(ids);
    }
}
