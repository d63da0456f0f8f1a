package org.lens4j.family;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.lens4j.error.CheckpointException;
import org.lens4j.error.Closest;

/**
 * A config.json that remembers which keys were read, so that a key nobody understands stops the load instead of changing
 * the model silently.
 */
public final class ConfigJson {
    /** Keys of Hugging Face's base class: saving, training, and how text is sampled; none changes the forward pass. */
    private static final Set<String> BOOKKEEPING =
            Set.of("_name_or_path _commit_hash architectures auto_map bad_words_ids begin_suppress_tokens bos_token_id "
                    .concat(
                            "chunk_size_feed_forward decoder_start_token_id diversity_penalty do_sample dtype early_stopping ")
                    .concat(
                            "encoder_no_repeat_ngram_size eos_token_id exponential_decay_length_penalty finetuning_task ")
                    .concat(
                            "forced_bos_token_id forced_eos_token_id gradient_checkpointing id2label initializer_range ")
                    .concat("keys_to_ignore_at_inference label2id length_penalty max_length min_length model_type ")
                    .concat("no_repeat_ngram_size num_beam_groups num_beams num_return_sequences output_attentions ")
                    .concat(
                            "output_hidden_states output_scores pad_token_id prefix problem_type remove_invalid_values ")
                    .concat("repetition_penalty return_dict return_dict_in_generate sep_token_id suppress_tokens ")
                    .concat("task_specific_params temperature tf_legacy_loss tokenizer_class top_k top_p torch_dtype ")
                    .concat("torchscript transformers_version unk_token_id typical_p use_bfloat16 use_cache")
                    .split(" ", -1));

    /** Dropout is for training, whatever a family calls it. */
    private static final Pattern DROPOUT = Pattern.compile("(^|_)(dropout|pdrop|layerdrop)(_|$)");

    /** Keys of the base class that would change the model if they were on. */
    private static final Set<String> MUST_BE_OFF = Set.of(
            "add_cross_attention",
            "cross_attention_hidden_size",
            "is_decoder",
            "is_encoder_decoder",
            "pruned_heads",
            "quantization_config",
            "tie_encoder_decoder");

    private static final String EOS = "eos_token_id";

    private final String place;
    private final JsonObject json;
    private final Set<String> read = new LinkedHashSet<>();

    private ConfigJson(String place, JsonObject json) {
        this.place = place;
        this.json = json;
    }

    /**
     * Parses the text of a config.json.
     *
     * @param place the file, for messages
     * @param text its content
     * @throws CheckpointException if it is not a JSON object
     */
    public static ConfigJson parse(String place, String text) {
        try {
            JsonElement element = JsonParser.parseString(text);
            if (element.isJsonObject()) {
                return new ConfigJson(place, element.getAsJsonObject());
            }
            throw new CheckpointException("%s is not a JSON object. Copy or download it again.".formatted(place));
        } catch (JsonParseException | StackOverflowError e) {
            throw new CheckpointException(
                    "%s is not JSON: %s. Copy or download it again.".formatted(place, e.getMessage()), e);
        }
    }

    /** The file, for messages. */
    public String place() {
        return place;
    }

    /** The values of {@code architectures}, or none. */
    public List<String> architectures() {
        JsonElement names = json.get("architectures");
        if (names == null || !names.isJsonArray()) {
            return List.of();
        }
        return names.getAsJsonArray().asList().stream()
                .filter(JsonElement::isJsonPrimitive)
                .map(JsonElement::getAsString)
                .toList();
    }

    /** A whole number that must be there. */
    public int integer(String key) {
        return optional(key)
                .map(value -> whole(key, value))
                .orElseThrow(() -> new CheckpointException("%s has no \"%s\". Closest of its keys: %s. Add the key."
                        .formatted(place, key, String.join(", ", Closest.to(key, json.keySet(), 3)))));
    }

    /** A whole number, or a default where the key is absent or null. */
    public int integer(String key, int otherwise) {
        return optional(key).map(value -> whole(key, value)).orElse(otherwise);
    }

    /** A number, or a default where the key is absent or null. */
    public double number(String key, double otherwise) {
        return optional(key)
                .map(value -> {
                    if (value.isJsonPrimitive() && value.getAsJsonPrimitive().isNumber()) {
                        return value.getAsDouble();
                    }
                    throw wrong(key, value, "a number");
                })
                .orElse(otherwise);
    }

    /** A truth value, or a default where the key is absent or null. */
    public boolean truth(String key, boolean otherwise) {
        return optional(key)
                .map(value -> {
                    if (value.isJsonPrimitive() && value.getAsJsonPrimitive().isBoolean()) {
                        return value.getAsBoolean();
                    }
                    throw wrong(key, value, "true or false");
                })
                .orElse(otherwise);
    }

    /** A text, or a default where the key is absent or null. */
    public String text(String key, String otherwise) {
        return optional(key)
                .map(value -> {
                    if (value.isJsonPrimitive() && value.getAsJsonPrimitive().isString()) {
                        return value.getAsString();
                    }
                    throw wrong(key, value, "a text");
                })
                .orElse(otherwise);
    }

    /** The tokens that end a text: {@code eos_token_id}, one or a list; negative ones stand for none. */
    List<Integer> endsOfText() {
        return optional(EOS).stream()
                .flatMap(value -> value.isJsonArray() ? value.getAsJsonArray().asList().stream() : Stream.of(value))
                .map(value -> whole(EOS, value))
                .filter(id -> id >= 0)
                .distinct()
                .toList();
    }

    /**
     * Whether the unembedding is the token embedding.
     *
     * @param otherwise what the family does where the key is absent
     */
    public boolean tied(boolean otherwise) {
        return truth("tie_word_embeddings", otherwise);
    }

    /** Every key there is. */
    Set<String> keys() {
        return json.keySet();
    }

    /** Takes every key for read: the family knows that those it does not read change nothing. */
    void ignoreTheRest() {
        read.addAll(json.keySet());
    }

    /** Whether there is such a key, null or not. Does not count as reading it. */
    public boolean has(String key) {
        return json.has(key);
    }

    /** An object, marked as read; empty where it is absent or null. */
    public Optional<JsonObject> object(String key) {
        return optional(key).map(value -> {
            if (value.isJsonObject()) {
                return value.getAsJsonObject();
            }
            throw wrong(key, value, "an object");
        });
    }

    /** The same reading of an object inside this one. */
    public ConfigJson inside(String key, JsonObject object) {
        return new ConfigJson(place + " (" + key + ")", object);
    }

    /** A whole number under the first of several names, which must be there. */
    public int integer(List<String> keys) {
        return keys.stream()
                .filter(key -> optional(key).isPresent())
                .findFirst()
                .map(this::integer)
                .orElseGet(() -> integer(keys.get(0)));
    }

    /** The raw value of a key, marked as read; empty where it is absent or null. */
    public Optional<JsonElement> optional(String key) {
        read.add(key);
        return Optional.ofNullable(json.get(key)).filter(value -> !value.isJsonNull());
    }

    /**
     * Refuses a value this library does not implement.
     *
     * @param key whose value it is
     * @param value what was found
     * @param wanted what would do
     */
    public CheckpointException wrong(String key, Object value, String wanted) {
        return new CheckpointException(
                "%s has %s=%s, and only %s is implemented. Loading would give wrong logits, so it stopped."
                        .formatted(place, key, value, wanted));
    }

    /**
     * Stops the load if a key was neither read nor is knowingly ignored.
     *
     * @param ignored the family's list
     */
    void refuseUnreadKeys(String family, Set<String> ignored) {
        Set<String> unknown = new TreeSet<>(json.keySet());
        unknown.removeAll(read);
        unknown.removeAll(ignored);
        unknown.removeAll(BOOKKEEPING);
        unknown.removeIf(key -> MUST_BE_OFF.contains(key) && isOff(json.get(key)));
        unknown.removeIf(
                key -> json.get(key).isJsonNull() || DROPOUT.matcher(key).find());
        if (!unknown.isEmpty()) {
            String key = unknown.iterator().next();
            throw new CheckpointException(
                    "%s has %s=%s, which family %s does not implement. Loading would give wrong logits,"
                                    .formatted(place, key, json.get(key), family)
                            + " so it stopped. If the key changes nothing, remove it from a copy of config.json.");
        }
    }

    private static boolean isOff(JsonElement value) {
        return value.isJsonNull()
                || (value.isJsonPrimitive() && value.getAsString().equals("false"))
                || (value.isJsonObject() && value.getAsJsonObject().isEmpty());
    }

    private int whole(String key, JsonElement value) {
        if (value.isJsonPrimitive() && value.getAsJsonPrimitive().isNumber()) {
            double number = value.getAsDouble();
            if (number == Math.rint(number) && Math.abs(number) <= Integer.MAX_VALUE) {
                return (int) number;
            }
        }
        throw wrong(key, value, "a whole number");
    }
}
