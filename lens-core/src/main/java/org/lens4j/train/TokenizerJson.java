package org.lens4j.train;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** A {@link Vocabulary} as Hugging Face's {@code tokenizer.json}, and its companion {@code tokenizer_config.json}.
 *
 * <p>The model is a byte-level BPE with {@code ignore_merges} (as Llama 3 has it) and no merges at all: a word of the
 * vocabulary is found whole, anything else stays bytes. That makes each word one token without the hundreds of
 * intermediate tokens a chain of merges would cost. */
public record TokenizerJson(Vocabulary vocabulary) {
    private static final Gson GSON = new GsonBuilder()
            .setPrettyPrinting()
            .disableHtmlEscaping()
            .serializeNulls()
            .create();

    /** Writes {@code tokenizer.json} and {@code tokenizer_config.json} into a directory.
     *
     * @param contextLength the longest prompt in tokens that the model takes, {@code n_ctx} */
    public void write(Path directory, int contextLength) throws IOException {
        Files.writeString(directory.resolve("tokenizer.json"), text() + "\n", StandardCharsets.UTF_8);
        Files.writeString(directory.resolve("tokenizer_config.json"), config(contextLength) + "\n");
    }

    /** The text of {@code tokenizer.json}. */
    public String text() {
        JsonObject root = new JsonObject();
        root.addProperty("version", "1.0");
        root.add("truncation", JsonNull.INSTANCE);
        root.add("padding", JsonNull.INSTANCE);
        JsonArray added = new JsonArray();
        added.add(endOfText());
        root.add("added_tokens", added);
        root.add("normalizer", JsonNull.INSTANCE);
        root.add("pre_tokenizer", byteLevel(false));
        root.add("post_processor", byteLevel(true));
        root.add("decoder", byteLevel(true));
        root.add("model", model());
        return GSON.toJson(root);
    }

    private JsonObject endOfText() {
        JsonObject token = new JsonObject();
        token.addProperty("id", vocabulary.endOfText());
        token.addProperty("content", Vocabulary.END_OF_TEXT);
        token.addProperty("single_word", false);
        token.addProperty("lstrip", false);
        token.addProperty("rstrip", false);
        token.addProperty("normalized", false);
        token.addProperty("special", true);
        return token;
    }

    private static JsonObject byteLevel(boolean trimOffsets) {
        JsonObject step = new JsonObject();
        step.addProperty("type", "ByteLevel");
        step.addProperty("add_prefix_space", false);
        step.addProperty("trim_offsets", trimOffsets);
        step.addProperty("use_regex", true);
        return step;
    }

    private JsonObject model() {
        JsonObject model = new JsonObject();
        model.addProperty("type", "BPE");
        model.add("dropout", JsonNull.INSTANCE);
        model.add("unk_token", JsonNull.INSTANCE);
        model.add("continuing_subword_prefix", JsonNull.INSTANCE);
        model.add("end_of_word_suffix", JsonNull.INSTANCE);
        model.addProperty("fuse_unk", false);
        model.addProperty("byte_fallback", false);
        model.addProperty("ignore_merges", true);
        model.add("vocab", vocab());
        model.add("merges", new JsonArray());
        return model;
    }

    private JsonObject vocab() {
        JsonObject vocab = new JsonObject();
        for (int id = 0; id < 256; id++) {
            vocab.addProperty(String.valueOf(ByteAlphabet.character(id)), id);
        }
        for (String piece : vocabulary.pieces()) {
            vocab.addProperty(ByteAlphabet.write(piece), vocab.size());
        }
        vocab.addProperty(Vocabulary.END_OF_TEXT, vocab.size());
        return vocab;
    }

    private static String config(int contextLength) {
        JsonObject config = new JsonObject();
        config.addProperty("tokenizer_class", "PreTrainedTokenizerFast");
        config.addProperty("bos_token", Vocabulary.END_OF_TEXT);
        config.addProperty("eos_token", Vocabulary.END_OF_TEXT);
        config.addProperty("add_prefix_space", false);
        config.addProperty("clean_up_tokenization_spaces", false);
        config.addProperty("model_max_length", contextLength);
        return GSON.toJson(config);
    }
}
