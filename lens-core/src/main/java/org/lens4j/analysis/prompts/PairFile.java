package org.lens4j.analysis.prompts;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.lens4j.error.UsageException;
import org.lens4j.model.HookedModel;
import org.lens4j.text.AnswerToken;
import org.lens4j.text.JsonLine;
import org.lens4j.text.Tokens;

/**
 * Prompt pairs a user wrote, in a {@code .jsonl} file: a pair on each line, blank lines count and are passed over.
 *
 * <pre>{@code
 * {"label": "drink", "clean": "…, John gave a drink to", "corrupted": "…, Mary gave a drink to", "answer": " Mary", "wrong": " John"}
 *
 * PromptPairs pairs = PairFile.read(model, Path.of("pairs.jsonl"));
 * }</pre>
 *
 * <p>{@code label} may be left out, and is then the line, {@code line 2}. So may {@code positions}, names for positions of both
 * prompts, by which {@code LengthGroups} compares pairs of several lengths: {@code "positions": {"giver": 10, "end": -1}}, counted
 * from 0 with the tokens a model puts in front, or from -1 at the end. The others are needed.
 */
public final class PairFile {
    private static final List<String> NEEDED = List.of("clean", "corrupted", "answer", "wrong");
    private static final String LABEL = "label";
    private static final String POSITIONS = "positions";
    private static final String FORM =
            "{\"label\": \"…\", \"clean\": \"…\", \"corrupted\": \"…\", \"answer\": \" Mary\", \"wrong\": \" John\"}";
    /** What stands beside the prompts on an axis of results. */
    private static final List<String> TAKEN = List.of("mean", "low", "high");

    private final HookedModel model;
    private final Path file;
    private final Map<String, Integer> lineOfLabel = new HashMap<>();
    /** Of positions, on the first line with a pair. */
    private Optional<Set<String>> names = Optional.empty();

    private PairFile(HookedModel model, Path file) {
        this.model = model;
        this.file = file;
    }

    /**
     * Reads all pairs.
     *
     * @param model whose tokenizer decides how long the prompts are; the model is not run
     * @throws UsageException if there is no such file, a line is no pair, its two prompts have different numbers of tokens, an
     *     answer is no single token, or a label stands twice; names the line
     */
    public static PromptPairs read(HookedModel model, Path file) {
        if (Files.isDirectory(file)) {
            throw new UsageException(
                    "%s is a folder. Name a file in it with a line for each pair: %s".formatted(file, FORM));
        }
        if (!Files.isRegularFile(file)) {
            throw new UsageException("There is no file %s with prompt pairs. Write one with a line for each pair: %s"
                    .formatted(file, FORM));
        }
        return new PairFile(model, file).read();
    }

    private PromptPairs read() {
        List<String> lines;
        try {
            lines = Files.readAllLines(file);
        } catch (IOException e) {
            throw new UsageException("%s cannot be read as UTF-8 text: %s. Write a line for each pair: %s"
                    .formatted(file, e.getMessage(), FORM));
        }
        List<PromptPair> pairs = new ArrayList<>();
        for (int line = 0; line < lines.size(); line++) {
            if (!lines.get(line).isBlank()) {
                pairs.add(pair(lines.get(line), line + 1));
            }
        }
        if (pairs.isEmpty()) {
            throw new UsageException("%s has no prompt pairs. Write a line for each pair: %s".formatted(file, FORM));
        }
        return new PromptPairs(String.valueOf(file.getFileName()), 0, pairs);
    }

    /** A name that one line spells otherwise would be missing from the result, where only common names are. */
    private void requireAlike(Map<String, Integer> positions, int line) {
        if (names.isEmpty()) {
            names = Optional.of(positions.keySet());
        } else if (!names.get().equals(positions.keySet())) {
            throw wrong(
                    line,
                    "names the positions %s, and the first pair names %s. Give every pair the same names, or none."
                            .formatted(positions.keySet(), names.get()));
        }
    }

    private PromptPair pair(String text, int line) {
        JsonObject object =
                JsonLine.object(text).orElseThrow(() -> wrong(line, "is no JSON object. Every line is one: " + FORM));
        for (String name : object.keySet()) {
            if (!NEEDED.contains(name) && !name.equals(LABEL) && !name.equals(POSITIONS)) {
                throw wrong(line, "has a field \"%s\", which means nothing here. A pair is %s".formatted(name, FORM));
            }
        }
        String clean = field(object, "clean", line);
        String corrupted = field(object, "corrupted", line);
        Tokens cleanTokens = model.tokens(clean);
        Tokens corruptedTokens = model.tokens(corrupted);
        if (cleanTokens.pos() != corruptedTokens.pos()) {
            throw wrong(
                    line,
                    "has a clean prompt of %d tokens and a corrupted one of %d, and patching needs position for position. Change words for others of as many tokens; they are %s and %s."
                            .formatted(
                                    cleanTokens.pos(),
                                    corruptedTokens.pos(),
                                    cleanTokens.strings(0),
                                    corruptedTokens.strings(0)));
        }
        AnswerToken right = answer(object, "answer", line);
        AnswerToken other = answer(object, "wrong", line);
        if (right.id() == other.id()) {
            throw wrong(
                    line,
                    "has the same token as answer and wrong, \"%s\". Give another wrong one.".formatted(right.text()));
        }
        return new PromptPair(
                clean,
                corrupted,
                cleanTokens,
                corruptedTokens,
                List.of(right),
                List.of(other),
                positions(object, cleanTokens.pos(), line),
                Optional.of(object.has(LABEL) ? label(field(object, LABEL, line), line) : taken("line " + line, line)));
    }

    private String label(String label, int line) {
        if (label.isBlank() || TAKEN.contains(label)) {
            throw wrong(
                    line, "has the label \"%s\", and results call other things so. Take another one.".formatted(label));
        }
        return taken(label, line);
    }

    private String taken(String label, int line) {
        Integer other = lineOfLabel.putIfAbsent(label, line);
        if (other != null) {
            throw wrong(line, "has the label \"%s\" of line %d. Give each pair its own.".formatted(label, other));
        }
        return label;
    }

    private Map<String, Integer> positions(JsonObject object, int length, int line) {
        JsonElement named = Optional.ofNullable(object.get(POSITIONS)).orElseGet(JsonObject::new);
        if (!named.isJsonObject()) {
            throw wrong(
                    line,
                    "has something else than names of positions in its field \"positions\": %s. Write {\"giver\": 10, \"end\": -1}."
                            .formatted(named));
        }
        Map<String, Integer> positions = new LinkedHashMap<>();
        for (Map.Entry<String, JsonElement> each : named.getAsJsonObject().entrySet()) {
            String number = each.getValue().toString();
            int pos = number.matches("-?\\d{1,9}") ? Integer.parseInt(number) : length;
            if (pos < -length || pos >= length) {
                throw wrong(
                        line,
                        "has %s as its position \"%s\". Its prompts have %d tokens: give 0 to %d, or -1 for the last."
                                .formatted(number, each.getKey(), length, length - 1));
            }
            positions.put(each.getKey(), pos < 0 ? length + pos : pos);
        }
        requireAlike(positions, line);
        return positions;
    }

    private AnswerToken answer(JsonObject object, String name, int line) {
        String text = field(object, name, line);
        try {
            return model.answer(text);
        } catch (UsageException e) {
            throw wrong(line, "has no token as its field \"%s\": %s".formatted(name, e.getMessage()));
        }
    }

    private String field(JsonObject object, String name, int line) {
        JsonElement value = object.get(name);
        if (value == null) {
            throw wrong(
                    line,
                    "has no field \"%s\"; it has %s. A pair is %s"
                            .formatted(name, object.keySet().isEmpty() ? "none" : object.keySet(), FORM));
        }
        return JsonLine.text(value)
                .orElseThrow(() ->
                        wrong(line, "has something else than a text in its field \"%s\": %s.".formatted(name, value)));
    }

    private UsageException wrong(int line, String found) {
        return new UsageException("Line %d of %s %s".formatted(line, file, found));
    }
}
