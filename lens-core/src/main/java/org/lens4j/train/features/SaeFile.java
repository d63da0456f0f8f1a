package org.lens4j.train.features;

import ai.djl.ndarray.types.Shape;
import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.lens4j.error.CheckpointException;
import org.lens4j.tensor.Scope;
import org.lens4j.train.features.SparseAutoencoder.Activation;
import org.lens4j.train.features.SparseAutoencoder.Weights;
import org.lens4j.weights.Checkpoint;
import org.lens4j.weights.FloatReader;
import org.lens4j.weights.SafetensorsWriter;
import org.lens4j.weights.SafetensorsWriter.Floats;

/** The files of SAELens: what a configuration says of the computation is read or refused, how it was trained is passed over. */
final class SaeFile {
    static final String CONFIG = "cfg.json";
    static final String WEIGHTS = "sae_weights.safetensors";

    private static final Gson GSON = new GsonBuilder()
            .setPrettyPrinting()
            .serializeNulls()
            .disableHtmlEscaping()
            .create();
    private static final String NO_STEP = "none";

    /** Keys that would change what is computed, and the values that do not. */
    private static final Map<String, Set<String>> HARMLESS = Map.of(
            "normalize_activations", Set.of(NO_STEP),
            "reshape_activations", Set.of(NO_STEP, "hook_z"),
            "hook_head_index", Set.of(),
            "hook_point_head_index", Set.of(),
            "finetuning_scaling_factor", Set.of("false"),
            "skip_connection", Set.of("false"),
            "hook_name_out", Set.of(),
            "d_out", Set.of());

    private final Path file;
    private final JsonObject config;

    private SaeFile(Path file, JsonObject config) {
        this.file = file;
        this.config = config;
    }

    static SparseAutoencoder load(Path folder) throws IOException {
        Path file = folder.resolve(CONFIG);
        if (!Files.isRegularFile(file)) {
            throw new CheckpointException("%s has no %s. Name a folder with %s and %s, as SAELens writes it."
                    .formatted(folder, CONFIG, CONFIG, WEIGHTS));
        }
        try {
            JsonObject config = JsonParser.parseString(Files.readString(file)).getAsJsonObject();
            return new SaeFile(file, config).read(Checkpoint.open(folder.resolve(WEIGHTS)));
        } catch (JsonParseException | IllegalStateException | UnsupportedOperationException | NumberFormatException e) {
            throw new CheckpointException(
                    "%s is not a configuration of SAELens: %s. Copy or download it again."
                            .formatted(file, e.getMessage()),
                    e);
        }
    }

    private SparseAutoencoder read(Checkpoint weights) {
        HARMLESS.forEach(this::requireHarmless);
        Activation activation = activation();
        boolean jumps = activation instanceof Activation.JumpRelu;
        List<String> wanted = jumps
                ? List.of("W_enc", "b_enc", "W_dec", "b_dec", "threshold")
                : List.of("W_enc", "b_enc", "W_dec", "b_dec");
        if (!Set.copyOf(weights.names()).equals(Set.copyOf(wanted))) {
            throw new CheckpointException(
                    "%s has the tensors %s, and a %s autoencoder has %s. Is it one of another architecture than %s says?"
                            .formatted(weights.file(), weights.names(), activation.architecture(), wanted, CONFIG));
        }
        int in = number("d_in");
        int features = number("d_sae");
        boolean centred =
                text("apply_b_dec_to_input").map(Boolean::parseBoolean).orElse(true);
        try (Scope scope = Scope.root()) {
            Weights read = new Weights(
                    floats(weights, "W_enc", scope, in, features),
                    floats(weights, "b_enc", scope, features),
                    floats(weights, "W_dec", scope, features, in),
                    floats(weights, "b_dec", scope, in),
                    jumps ? floats(weights, "threshold", scope, features) : new float[0]);
            if (text("rescale_acts_by_decoder_norm").filter("true"::equals).isPresent()) {
                foldLengths(read);
            }
            return new SparseAutoencoder(hook(), activation, centred, read);
        }
    }

    private void requireHarmless(String key, Set<String> values) {
        text(key).filter(value -> !values.contains(value)).ifPresent(value -> {
            throw new CheckpointException(
                    "%s has %s=%s, which this version does not compute. Reading it as something else would give wrong numbers, so it stopped."
                            .formatted(file, key, value));
        });
    }

    private Activation activation() {
        String architecture = text("architecture").orElse("standard");
        String function =
                text("activation_fn_str").or(() -> text("activation_fn")).orElse("relu");
        boolean top = architecture.equals("topk") || (architecture.equals("standard") && function.equals("topk"));
        if (!Set.of("standard", "topk", "jumprelu").contains(architecture)) {
            throw new CheckpointException("%s has architecture=%s. This version reads standard, topk and jumprelu."
                    .formatted(file, architecture));
        }
        if (!function.equals("relu") && !top) {
            throw new CheckpointException(
                    "%s has activation_fn=%s with architecture=%s. This version reads relu, and topk."
                            .formatted(file, function, architecture));
        }
        if (top) {
            JsonElement inside =
                    Optional.ofNullable(config.get("activation_fn_kwargs")).orElse(JsonNull.INSTANCE);
            return new Activation.TopK(
                    inside.isJsonObject()
                                    && inside.getAsJsonObject().has("k")
                                    && text("k").isEmpty()
                            ? inside.getAsJsonObject().get("k").getAsInt()
                            : number("k"));
        }
        return architecture.equals("jumprelu") ? new Activation.JumpRelu() : new Activation.Relu();
    }

    /** The hook point's name: at the top, or since SAELens 6 among what is told of the training. */
    private String hook() {
        return text("hook_name")
                .or(() -> text("hook_point"))
                .orElseThrow(() -> new CheckpointException(
                        "%s has no hook_name, so it does not say which activations it is for. Add it."
                                .formatted(file)));
    }

    private int number(String key) {
        return text(key)
                .map(Integer::valueOf)
                .orElseThrow(() -> new CheckpointException(
                        "%s has no %s, which an autoencoder needs. Copy or download it again.".formatted(file, key)));
    }

    /** What stands at a key, at the top or in the metadata; empty where it is null. */
    private Optional<String> text(String key) {
        for (JsonElement place : List.of(config, inner("metadata"), inner("meta"))) {
            JsonElement value = place.isJsonObject() ? place.getAsJsonObject().get(key) : null;
            if (value != null && !value.isJsonNull()) {
                return Optional.of(value.isJsonPrimitive() ? value.getAsString() : value.toString());
            }
        }
        return Optional.empty();
    }

    private JsonElement inner(String key) {
        return Optional.ofNullable(config.get(key)).orElse(JsonNull.INSTANCE);
    }

    private float[] floats(Checkpoint weights, String name, Scope scope, long... shape) {
        Shape found = new Shape(weights.entry(name).dimensions());
        if (!found.equals(new Shape(shape))) {
            throw new CheckpointException("%s of %s has shape %s, and by %s it is %s. Copy or download both again."
                    .formatted(name, weights.file(), found, CONFIG, new Shape(shape)));
        }
        return FloatReader.copied(weights, name, scope).toFloatArray();
    }

    /** Sums are taken times the length of a feature's direction, and its activation over it: the same with directions of length 1. */
    private static void foldLengths(Weights weights) {
        int features = weights.bEnc().length;
        int in = weights.bDec().length;
        for (int feature = 0; feature < features; feature++) {
            double squares = 0;
            for (int i = 0; i < in; i++) {
                squares += (double) weights.wDec()[feature * in + i] * weights.wDec()[feature * in + i];
            }
            float length = (float) Math.max(Math.sqrt(squares), Float.MIN_NORMAL);
            weights.bEnc()[feature] *= length;
            for (int i = 0; i < in; i++) {
                weights.wEnc()[i * features + feature] *= length;
                weights.wDec()[feature * in + i] /= length;
            }
        }
    }

    static void save(SparseAutoencoder sae, Path folder, String model) throws IOException {
        Files.createDirectories(folder);
        int in = sae.dIn();
        int features = sae.dSae();
        Weights weights = sae.weights();
        Map<String, SafetensorsWriter.Tensor> tensors = new LinkedHashMap<>();
        tensors.put("W_dec", new Floats(new long[] {features, in}, weights.wDec()));
        tensors.put("W_enc", new Floats(new long[] {in, features}, weights.wEnc()));
        tensors.put("b_dec", new Floats(new long[] {in}, weights.bDec()));
        tensors.put("b_enc", new Floats(new long[] {features}, weights.bEnc()));
        if (sae.activation() instanceof Activation.JumpRelu) {
            tensors.put("threshold", new Floats(new long[] {features}, weights.threshold()));
        }
        SafetensorsWriter.write(folder.resolve(WEIGHTS), tensors);
        Files.writeString(folder.resolve(CONFIG), GSON.toJson(config(sae, model)) + "\n");
    }

    private static JsonObject config(SparseAutoencoder sae, String model) {
        JsonObject config = new JsonObject();
        config.addProperty("architecture", sae.activation().architecture());
        config.addProperty("d_in", sae.dIn());
        config.addProperty("d_sae", sae.dSae());
        if (sae.activation() instanceof Activation.TopK top) {
            config.addProperty("k", top.k());
            config.addProperty("rescale_acts_by_decoder_norm", false);
        }
        config.addProperty("dtype", "float32");
        config.addProperty("device", "cpu");
        config.addProperty("apply_b_dec_to_input", sae.isCentred());
        config.addProperty("normalize_activations", NO_STEP);
        config.addProperty("reshape_activations", sae.hook().endsWith("hook_z") ? "hook_z" : NO_STEP);
        JsonObject metadata = new JsonObject();
        metadata.addProperty("model_name", model);
        metadata.addProperty("model_class_name", "HookedTransformer");
        metadata.addProperty("hook_name", sae.hook());
        metadata.add("hook_head_index", JsonNull.INSTANCE);
        config.add("metadata", metadata);
        return config;
    }
}
