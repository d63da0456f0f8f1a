package org.lens4j.kernel.notebook;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;

/** One thing that stands under a code cell: printed text, something displayed or returned, or an error. */
public sealed interface CellOutput {
    /** This output as the notebook file stores it. */
    JsonObject toJson();

    /**
     * Printed text; neighbours of the same stream are one output.
     *
     * @param stream {@code "stdout"} or {@code "stderr"}
     * @param text what was printed, with its line ends
     */
    record Printed(String stream, String text) implements CellOutput {
        @Override
        public JsonObject toJson() {
            JsonObject json = ofType("stream");
            json.addProperty("name", stream);
            json.add("text", JupyterJson.lines(text));
            return json;
        }
    }

    /**
     * Something shown in one or more forms.
     *
     * @param data MIME type to content: text, or base64 for pictures, or JSON
     * @param metadata what goes with the data, for example a picture's width
     * @param executionCount the number in {@code Out[n]} of a cell's value; empty for what was displayed on the way
     */
    record Shown(JsonObject data, JsonObject metadata, OptionalInt executionCount) implements CellOutput {
        /** Keeps its own copies. */
        public Shown {
            data = data.deepCopy();
            metadata = metadata.deepCopy();
        }

        /**
         * The content of one form.
         *
         * @param mime for example {@code text/plain}
         * @return the text, its lines joined; empty if the output does not have that form
         */
        public Optional<String> text(String mime) {
            JsonElement content = data.get(mime);
            return content == null ? Optional.empty() : JupyterJson.text(content);
        }

        @Override
        public JsonObject toJson() {
            JsonObject json = ofType(executionCount.isPresent() ? "execute_result" : "display_data");
            executionCount.ifPresent(count -> json.addProperty("execution_count", count));
            JsonObject forms = new JsonObject();
            for (Map.Entry<String, JsonElement> form : data.entrySet()) {
                forms.add(form.getKey(), stored(form.getKey(), form.getValue()));
            }
            json.add("data", forms);
            json.add("metadata", metadata.deepCopy());
            return json;
        }

        private static JsonElement stored(String mime, JsonElement content) {
            boolean inLines =
                    mime.startsWith("text/") || mime.equals("image/svg+xml") || mime.equals("application/javascript");
            Optional<String> text = inLines ? JupyterJson.text(content) : Optional.empty();
            return text.<JsonElement>map(JupyterJson::lines).orElse(content);
        }
    }

    /**
     * What a cell failed with.
     *
     * @param name the exception's name
     * @param value its message
     * @param traceback lines to show, possibly coloured by ANSI codes
     */
    record Failure(String name, String value, List<String> traceback) implements CellOutput {
        /** Copies the lines. */
        public Failure {
            traceback = List.copyOf(traceback);
        }

        @Override
        public JsonObject toJson() {
            JsonObject json = ofType("error");
            json.addProperty("ename", name);
            json.addProperty("evalue", value);
            JsonArray lines = new JsonArray();
            traceback.forEach(lines::add);
            json.add("traceback", lines);
            return json;
        }
    }

    /**
     * Reads an output as a notebook stores it.
     *
     * @param json one element of a cell's {@code outputs}
     * @return the output; empty if it is of a type that nbformat 4 does not have
     */
    static Optional<CellOutput> of(JsonObject json) {
        return switch (string(json, "output_type")) {
            case "stream" -> Optional.of(new Printed(string(json, "name"), string(json, "text")));
            case "display_data" ->
                Optional.of(new Shown(object(json, "data"), object(json, "metadata"), OptionalInt.empty()));
            case "execute_result" ->
                Optional.of(new Shown(object(json, "data"), object(json, "metadata"), OptionalInt.of(count(json))));
            case "error" ->
                Optional.of(new Failure(
                        string(json, "ename"),
                        string(json, "evalue"),
                        elements(json, "traceback")
                                .map(line -> JupyterJson.text(line).orElse(""))
                                .toList()));
            default -> Optional.empty();
        };
    }

    private static JsonObject ofType(String type) {
        JsonObject json = new JsonObject();
        json.addProperty("output_type", type);
        return json;
    }

    private static String string(JsonObject json, String key) {
        return JupyterJson.text(JupyterJson.member(json, key)).orElse("");
    }

    private static JsonObject object(JsonObject json, String key) {
        return JupyterJson.member(json, key) instanceof JsonObject object ? object : new JsonObject();
    }

    private static int count(JsonObject json) {
        JsonElement count = JupyterJson.member(json, "execution_count");
        return count.isJsonPrimitive() && count.getAsJsonPrimitive().isNumber() ? count.getAsInt() : 0;
    }

    private static Stream<JsonElement> elements(JsonObject json, String key) {
        return JupyterJson.member(json, key) instanceof JsonArray array
                ? new ArrayList<>(array.asList()).stream()
                : Stream.empty();
    }
}
