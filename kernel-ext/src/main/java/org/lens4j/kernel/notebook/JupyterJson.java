package org.lens4j.kernel.notebook;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import java.io.IOException;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * JSON text exactly as Jupyter writes it: keys sorted, one blank per level, nothing escaped that need not be, numbers as
 * they were read, a newline at the end. A notebook that passes through here unchanged makes no difference in git.
 */
final class JupyterJson {
    private JupyterJson() {}

    /** Reads one JSON value and insists that nothing follows it. */
    static JsonElement parse(String json) throws IOException {
        String text = json.startsWith("\uFEFF") ? json.substring(1) : json;
        if (text.isBlank()) {
            throw new IOException("it is empty");
        }
        try (JsonReader reader = new JsonReader(new StringReader(text))) {
            reader.setStrictness(Strictness.STRICT);
            JsonElement value = JsonParser.parseReader(reader);
            if (reader.peek() != JsonToken.END_DOCUMENT) {
                throw new IOException("something follows the end of the document");
            }
            return value;
        } catch (JsonParseException e) {
            throw new IOException("it is no JSON, and a notebook is", e);
        }
    }

    static String write(JsonElement value) {
        StringBuilder out = new StringBuilder();
        write(value, 0, out);
        return out.append('\n').toString();
    }

    private static void write(JsonElement value, int depth, StringBuilder out) {
        if (value instanceof JsonObject object) {
            writeObject(object, depth, out);
        } else if (value instanceof JsonArray array) {
            writeArray(array, depth, out);
        } else if (value.isJsonPrimitive() && value.getAsJsonPrimitive().isString()) {
            writeString(value.getAsString(), out);
        } else {
            out.append(value.isJsonNull() ? "null" : value.getAsString());
        }
    }

    private static void writeObject(JsonObject object, int depth, StringBuilder out) {
        if (object.isEmpty()) {
            out.append("{}");
            return;
        }
        out.append('{');
        Iterator<Map.Entry<String, JsonElement>> entries =
                new TreeMap<>(object.asMap()).entrySet().iterator();
        while (entries.hasNext()) {
            Map.Entry<String, JsonElement> entry = entries.next();
            newLine(depth + 1, out);
            writeString(entry.getKey(), out);
            out.append(": ");
            write(entry.getValue(), depth + 1, out);
            out.append(entries.hasNext() ? "," : "");
        }
        newLine(depth, out);
        out.append('}');
    }

    private static void writeArray(JsonArray array, int depth, StringBuilder out) {
        if (array.isEmpty()) {
            out.append("[]");
            return;
        }
        out.append('[');
        Iterator<JsonElement> items = array.iterator();
        while (items.hasNext()) {
            newLine(depth + 1, out);
            write(items.next(), depth + 1, out);
            out.append(items.hasNext() ? "," : "");
        }
        newLine(depth, out);
        out.append(']');
    }

    private static void newLine(int depth, StringBuilder out) {
        out.append('\n').append(" ".repeat(depth));
    }

    private static void writeString(String text, StringBuilder out) {
        out.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '"' -> out.append("\\\"");
                case '\\' -> out.append("\\\\");
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                case '\b' -> out.append("\\b");
                case '\f' -> out.append("\\f");
                default -> out.append(c < ' ' ? "\\u%04x".formatted((int) c) : String.valueOf(c));
            }
        }
        out.append('"');
    }

    /** A text as the list of its lines, each with its line end, as notebooks store it. */
    static JsonArray lines(String text) {
        JsonArray lines = new JsonArray();
        splitLines(text).forEach(lines::add);
        return lines;
    }

    /** Splits where Python's {@code str.splitlines(True)} does, since that is what Jupyter uses. */
    private static List<String> splitLines(String text) {
        List<String> lines = new ArrayList<>();
        int start = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            boolean carriageReturnOfPair = c == '\r' && i + 1 < text.length() && text.charAt(i + 1) == '\n';
            if (endsLine(c) && !carriageReturnOfPair) {
                lines.add(text.substring(start, i + 1));
                start = i + 1;
            }
        }
        if (start < text.length()) {
            lines.add(text.substring(start));
        }
        return lines;
    }

    private static boolean endsLine(char c) {
        return (c >= '\n' && c <= '\r')
                || (c >= '\u001c' && c <= '\u001e')
                || c == '\u0085'
                || c == '\u2028'
                || c == '\u2029';
    }

    /** A member of an object; JSON's null if it has none of that name. */
    static JsonElement member(JsonObject object, String key) {
        JsonElement value = object.get(key);
        return value == null ? JsonNull.INSTANCE : value;
    }

    /** The text of a string, or of a list of strings joined; anything else has none. */
    static Optional<String> text(JsonElement value) {
        if (value instanceof JsonArray array) {
            StringBuilder joined = new StringBuilder();
            for (JsonElement line : array) {
                if (!line.isJsonPrimitive()) {
                    return Optional.empty();
                }
                joined.append(line.getAsString());
            }
            return Optional.of(joined.toString());
        }
        boolean isString = value.isJsonPrimitive() && value.getAsJsonPrimitive().isString();
        return isString ? Optional.of(value.getAsString()) : Optional.empty();
    }
}
