package org.lens4j.kernel.notebook;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/** One cell of a notebook. Keeps every field it was read with, also those it knows nothing of. Immutable. */
public final class Cell {
    /** What a cell holds. */
    public enum Kind {
        /** Java and magics, run by the kernel. */
        CODE,
        /** Prose. */
        MARKDOWN,
        /** Text that nobody interprets. */
        RAW
    }

    private final Kind kind;
    private final JsonObject json;

    private Cell(Kind kind, JsonObject json) {
        this.kind = kind;
        this.json = json;
    }

    /**
     * Takes a cell as the notebook file stores it.
     *
     * @param json one element of {@code cells}; copied
     * @param where the cell's place in words, for messages
     * @throws NotebookException if it is no cell of nbformat 4
     */
    static Cell of(JsonElement json, String where) {
        if (!(json instanceof JsonObject object)) {
            throw new NotebookException("%s is not a JSON object, as a notebook cell is.".formatted(where));
        }
        String type = JupyterJson.text(JupyterJson.member(object, "cell_type")).orElse("missing");
        Kind kind =
                switch (type) {
                    case "code" -> Kind.CODE;
                    case "markdown" -> Kind.MARKDOWN;
                    case "raw" -> Kind.RAW;
                    default ->
                        throw new NotebookException("%s has cell_type %s. A notebook has code, markdown and raw cells."
                                .formatted(where, type));
                };
        if (JupyterJson.text(JupyterJson.member(object, "source")).isEmpty()) {
            throw new NotebookException(
                    "%s has no source: a notebook cell has a \"source\" that is a string or a list of strings."
                            .formatted(where));
        }
        return new Cell(kind, object.deepCopy());
    }

    /** What this cell holds. */
    public Kind kind() {
        return kind;
    }

    /** The text of the cell, its lines joined. */
    public String source() {
        return JupyterJson.text(JupyterJson.member(json, "source")).orElse("");
    }

    /** The cell's tags, in order. */
    public Set<String> tags() {
        Set<String> tags = new LinkedHashSet<>();
        if (JupyterJson.member(json, "metadata") instanceof JsonObject metadata
                && JupyterJson.member(metadata, "tags") instanceof JsonArray array) {
            array.forEach(tag -> JupyterJson.text(tag).ifPresent(tags::add));
        }
        return tags;
    }

    /** Whether its author folded the code away, as JupyterLab does it: for solutions, and for what is beside the point. */
    boolean isSourceFolded() {
        return isFolded("source_hidden");
    }

    /** Whether its author folded the outputs away. */
    boolean areOutputsFolded() {
        return isFolded("outputs_hidden");
    }

    private boolean isFolded(String part) {
        return JupyterJson.member(json, "metadata") instanceof JsonObject metadata
                && JupyterJson.member(metadata, "jupyter") instanceof JsonObject jupyter
                && JupyterJson.member(jupyter, part) instanceof JsonPrimitive folded
                && folded.isBoolean()
                && folded.getAsBoolean();
    }

    /** The outputs under a code cell, in order; empty for other cells. */
    public List<CellOutput> outputs() {
        List<CellOutput> outputs = new ArrayList<>();
        if (JupyterJson.member(json, "outputs") instanceof JsonArray array) {
            for (JsonElement output : array) {
                if (output instanceof JsonObject object) {
                    CellOutput.of(object).ifPresent(outputs::add);
                }
            }
        }
        return outputs;
    }

    /** The number in {@code In[n]}; empty if the cell was not run. */
    public OptionalInt executionCount() {
        JsonElement count = JupyterJson.member(json, "execution_count");
        boolean isNumber = count.isJsonPrimitive() && count.getAsJsonPrimitive().isNumber();
        return isNumber ? OptionalInt.of(count.getAsInt()) : OptionalInt.empty();
    }

    /**
     * A picture or file that was dropped into the cell.
     *
     * @param name what stands behind {@code attachment:}
     * @return its forms, MIME type to base64; empty if there is none of that name
     */
    Optional<JsonObject> attachment(String name) {
        return JupyterJson.member(json, "attachments") instanceof JsonObject attachments
                        && JupyterJson.member(attachments, name) instanceof JsonObject forms
                ? Optional.of(forms.deepCopy())
                : Optional.empty();
    }

    /** This code cell with other outputs and another number; all else as it is. */
    Cell executed(OptionalInt executionCount, List<CellOutput> outputs) {
        JsonObject copy = json.deepCopy();
        if (executionCount.isPresent()) {
            copy.addProperty("execution_count", executionCount.getAsInt());
        } else {
            copy.add("execution_count", JsonNull.INSTANCE);
        }
        JsonArray array = new JsonArray();
        outputs.forEach(output -> array.add(output.toJson()));
        copy.add("outputs", array);
        return new Cell(kind, copy);
    }

    /** This cell as the file stores it: texts as lists of lines, unknown fields untouched. */
    JsonObject toJson() {
        JsonObject copy = json.deepCopy();
        copy.add("source", JupyterJson.lines(source()));
        if (JupyterJson.member(copy, "attachments") instanceof JsonObject attachments) {
            attachments.asMap().values().forEach(Cell::storeInLines);
        }
        if (JupyterJson.member(copy, "outputs") instanceof JsonArray outputs) {
            for (JsonElement output : outputs) {
                if (output instanceof JsonObject object) {
                    storeInLines(object);
                }
            }
        }
        return copy;
    }

    /** Replaces, in an output or an attachment, what nbformat stores by lines; keeps the rest. */
    private static void storeInLines(JsonElement holder) {
        if (!(holder instanceof JsonObject object)) {
            return;
        }
        Optional<JsonObject> output = CellOutput.of(object).map(CellOutput::toJson);
        if (output.isPresent()) {
            for (String key : List.of("text", "data")) {
                if (output.get().has(key) && object.has(key)) {
                    object.add(key, output.get().get(key));
                }
            }
            return;
        }
        for (Map.Entry<String, JsonElement> form : object.entrySet()) {
            if (form.getKey().startsWith("text/") || form.getKey().equals("image/svg+xml")) {
                JupyterJson.text(form.getValue()).ifPresent(text -> form.setValue(JupyterJson.lines(text)));
            }
        }
    }
}
