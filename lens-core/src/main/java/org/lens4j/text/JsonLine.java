package org.lens4j.text;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import java.io.IOException;
import java.io.StringReader;
import java.util.Optional;

/** Lines of a {@code .jsonl} file, read strictly. What is wrong with a line, its reader says in words of its own. */
public final class JsonLine {
    private JsonLine() {}

    /** The object that a line is; empty if it is none, or if something stands behind it. */
    public static Optional<JsonObject> object(String line) {
        try {
            JsonReader reader = new JsonReader(new StringReader(line));
            reader.setStrictness(Strictness.STRICT);
            JsonElement element = JsonParser.parseReader(reader);
            return reader.peek() == JsonToken.END_DOCUMENT && element.isJsonObject()
                    ? Optional.of(element.getAsJsonObject())
                    : Optional.empty();
        } catch (IOException | JsonParseException notJson) {
            return Optional.empty();
        }
    }

    /** The text that a value is; empty if it is a number, a list or something else. */
    public static Optional<String> text(JsonElement value) {
        return value.isJsonPrimitive() && value.getAsJsonPrimitive().isString()
                ? Optional.of(value.getAsString())
                : Optional.empty();
    }
}
