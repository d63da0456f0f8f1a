package org.lens4j.train;

import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.function.IntFunction;
import org.lens4j.error.StateException;
import org.lens4j.family.ConfigJson;
import org.lens4j.load.CheckpointWriter;
import org.lens4j.tensor.NativeLibrary;
import org.lens4j.text.Tokens;
import org.lens4j.train.english.RepeatedWords;
import org.lens4j.train.english.SyntheticEnglish;

/**
 * The model inside this library: how it is made. A GPT-Neo of three layers, small enough to commit, trained on
 * {@link SyntheticEnglish} in a few minutes.
 *
 * <p>Every third step reads repeated words only, with a loss that counts only the second copies: otherwise the model
 * learned all else in as many steps, but hardly to copy. Most rows are short, because a head finds one token among few
 * sooner; the last steps read rows as long as the context.
 *
 * <pre>{@code
 * DemoModel.train(Path.of("my-demo"), DemoModel.config(), progress -> System.out.println(progress.line()));
 * }</pre>
 */
public final class DemoModel {
    private static final String NAME = "demo";
    private static final int LAYERS = 3;
    private static final int HEADS = 2;
    private static final int D_MODEL = 64;
    private static final int N_CTX = 64;
    /** As in EleutherAI's GPT-Neo; longer than the context, so local layers would see as far as global ones. */
    private static final int WINDOW = 256;

    /** The part of all steps that reads short rows. */
    private static final double SHORT_ROWS = 0.4;

    private DemoModel() {}

    /** The settings the committed model was trained with. */
    public static TrainConfig config() {
        return new TrainConfig(5200, 36, N_CTX, 3e-3, 50, 0.05, 0.9, 0.98, 0.01, 1, 1);
    }

    /**
     * Trains and writes config.json, model.safetensors, tokenizer.json and tokenizer_config.json. Uses one thread, because
     * sums split over threads come out differently: the same settings give the same files on machines of one kind, and a
     * second thread made these small steps no faster.
     *
     * @param outputDirectory made if it is missing; files of those names are replaced at the end
     * @param config {@link #config()}, or another
     * @param listener told after every step
     * @return the loss of each step
     * @throws StateException if the thread was interrupted, in which case nothing is written, or if the loss is no longer
     *     a number
     * @throws IOException if the files cannot be written
     */
    public static List<Float> train(Path outputDirectory, TrainConfig config, TrainListener listener)
            throws IOException {
        List<Float> losses = new ArrayList<>();
        NativeLibrary.onOneThread(() -> losses.addAll(trainHere(outputDirectory, config, listener)));
        return losses;
    }

    private static List<Float> trainHere(Path outputDirectory, TrainConfig config, TrainListener listener)
            throws IOException {
        SyntheticEnglish english = SyntheticEnglish.standard();
        Vocabulary vocabulary = Vocabulary.of(english.pieces());
        String configJson = configJson(vocabulary);
        List<Float> losses;
        try (TrainableModel model = TrainableModel.fresh(NAME, ConfigJson.parse(NAME, configJson), config.seed())) {
            losses = new TrainLoop(model, config).run(lessons(english, vocabulary, config), listener);
            if (losses.size() < config.steps()) {
                throw new StateException(
                        "The training was interrupted after %d of %d steps, and nothing was written. Start it again."
                                .formatted(losses.size(), config.steps()));
            }
            CheckpointWriter.of(NAME, configJson)
                    .write(outputDirectory, model.model().parameters());
        }
        new TokenizerJson(vocabulary).write(outputDirectory, N_CTX);
        return losses;
    }

    /** Copying, then language twice, and so on; short rows until {@link #SHORT_ROWS} of the steps are done. */
    private static IntFunction<TrainLoop.Lesson> lessons(
            SyntheticEnglish english, Vocabulary vocabulary, TrainConfig config) {
        SyntheticEnglish repeated = SyntheticEnglish.mixture(english.probedKinds().stream()
                .filter(RepeatedWords.class::isInstance)
                .map(kind -> new SyntheticEnglish.Share(kind, 1))
                .toList());
        Rows copies = new Rows(vocabulary, repeated.training(~config.seed()).iterator());
        Rows language = new Rows(vocabulary, english.training(config.seed()).iterator());
        int shortLength = Math.max(2, config.rowLength() * 3 / 4);
        int shortBatch = config.tokensPerStep() / shortLength;
        return step -> {
            boolean copying = step % 3 == 0;
            boolean isShort = step < SHORT_ROWS * config.steps();
            Tokens tokens = (copying ? copies : language)
                    .batch(isShort ? shortBatch : config.batch(), isShort ? shortLength : config.rowLength());
            return new TrainLoop.Lesson(tokens, copying ? Objective.repeatedPairs() : Objective.nextToken());
        };
    }

    /** Documents as rows of any length. */
    private record Rows(Vocabulary vocabulary, Iterator<String> documents) {
        Tokens batch(int rows, int length) {
            return Tokens.of(Arrays.stream(new TokenRows(vocabulary, documents, length).batch(rows))
                    .map(row -> Arrays.stream(row).asLongStream().toArray())
                    .toArray(long[][]::new));
        }
    }

    /** The model's shape as Hugging Face's GPT-Neo describes it. */
    static String configJson(Vocabulary vocabulary) {
        JsonObject json = new JsonObject();
        json.add("architectures", list("GPTNeoForCausalLM"));
        json.addProperty("model_type", "gpt_neo");
        json.addProperty("activation_function", "gelu_new");
        JsonArray allGlobal = new JsonArray();
        allGlobal.add(list("global"));
        allGlobal.add(LAYERS);
        JsonArray attentionTypes = new JsonArray();
        attentionTypes.add(allGlobal);
        json.add("attention_types", attentionTypes);
        json.add(
                "attention_layers",
                list("global".concat(" global".repeat(LAYERS - 1)).split(" ", -1)));
        json.addProperty("window_size", WINDOW);
        json.addProperty("attention_dropout", 0);
        json.addProperty("embed_dropout", 0);
        json.addProperty("resid_dropout", 0);
        json.addProperty("bos_token_id", vocabulary.endOfText());
        json.addProperty("eos_token_id", vocabulary.endOfText());
        json.addProperty("hidden_size", D_MODEL);
        json.addProperty("intermediate_size", 4 * D_MODEL);
        json.addProperty("initializer_range", 0.02);
        json.addProperty("layer_norm_epsilon", 1e-5);
        json.addProperty("max_position_embeddings", N_CTX);
        json.addProperty("num_heads", HEADS);
        json.addProperty("num_layers", LAYERS);
        json.addProperty("tie_word_embeddings", true);
        json.addProperty("torch_dtype", "float32");
        json.addProperty("vocab_size", vocabulary.size());
        return new GsonBuilder().setPrettyPrinting().create().toJson(json) + "\n";
    }

    private static JsonArray list(String... texts) {
        JsonArray list = new JsonArray();
        Arrays.stream(texts).forEach(list::add);
        return list;
    }
}
