package org.lens4j.kernel.client;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** One message a running cell published, in the terms of the notebook format. */
public sealed interface Output {

    /** Text the cell printed. {@code name} is {@code stdout} or {@code stderr}. */
    record Stream(String name, String text) implements Output {}

    /**
     * Something shown in the middle of a cell.
     *
     * @param data content by mime type; a string for text and base64 for pictures, JSON for {@code application/json}
     * @param metadata as published
     * @param displayId the name by which a later {@link UpdateDisplay} replaces it
     */
    record DisplayData(Map<String, JsonElement> data, JsonObject metadata, Optional<String> displayId)
            implements Output {
        public DisplayData {
            data = frozen(data);
        }

        /** The content of this mime type as a string. */
        public Optional<String> text(String mimeType) {
            return textOf(data, mimeType);
        }
    }

    /** The value of the cell's last expression. */
    record ExecuteResult(Map<String, JsonElement> data, JsonObject metadata, int executionCount) implements Output {
        public ExecuteResult {
            data = frozen(data);
        }

        /** The content of this mime type as a string. */
        public Optional<String> text(String mimeType) {
            return textOf(data, mimeType);
        }
    }

    /** The error that ended the cell: its name, its value, and the lines a notebook shows. */
    record ErrorOutput(String ename, String evalue, List<String> traceback) implements Output {
        public ErrorOutput {
            traceback = List.copyOf(traceback);
        }
    }

    /** New content for everything shown under {@code displayId}, in this cell or an earlier one. */
    record UpdateDisplay(Map<String, JsonElement> data, JsonObject metadata, String displayId) implements Output {
        public UpdateDisplay {
            data = frozen(data);
        }
    }

    /** The cell's outputs so far are to be removed, at once or when the next output comes. */
    record ClearOutput(boolean whenNextComes) implements Output {}

    private static Map<String, JsonElement> frozen(Map<String, JsonElement> data) {
        return Collections.unmodifiableMap(new LinkedHashMap<>(data));
    }

    private static Optional<String> textOf(Map<String, JsonElement> data, String mimeType) {
        return Optional.ofNullable(data.get(mimeType)).map(e -> e.isJsonPrimitive() ? e.getAsString() : e.toString());
    }
}
