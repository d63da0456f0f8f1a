package org.lens4j.kernel.display;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.lang.reflect.RecordComponent;
import java.time.Duration;
import java.util.Collection;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Records as JSON, field by field, so that a new field of a model's shape appears without a line here. Names are in snake
 * case, as in Python: {@code nLayers} is {@code n_layers}. A record among a closed choice says which it is: without fields
 * its name alone, otherwise {@code {"kind": "local", "window": 256}}.
 */
public final class RecordTree {
    /** The field that says which of a closed choice a record is. */
    static final String KIND = "kind";

    private RecordTree() {}

    /** The tree of a record, or of anything records are made of. */
    public static JsonElement of(Object value) {
        if (value instanceof Record fields) {
            return record(fields);
        }
        if (value instanceof Optional<?> some) {
            return some.<JsonElement>map(RecordTree::of).orElse(JsonNull.INSTANCE);
        }
        if (value instanceof OptionalInt some) {
            return some.isPresent() ? new JsonPrimitive(some.getAsInt()) : JsonNull.INSTANCE;
        }
        if (value instanceof Collection<?> elements) {
            JsonArray array = new JsonArray();
            elements.forEach(it -> array.add(of(it)));
            return array;
        }
        if (value instanceof Map<?, ?> entries) {
            JsonObject object = new JsonObject();
            entries.forEach((key, each) -> object.add(String.valueOf(key), of(each)));
            return object;
        }
        return leaf(value);
    }

    private static JsonElement leaf(Object value) {
        if (value instanceof Number number) {
            // JSON has no infinities.
            return Double.isFinite(number.doubleValue())
                    ? new JsonPrimitive(number)
                    : new JsonPrimitive(number.toString());
        }
        if (value instanceof Boolean truth) {
            return new JsonPrimitive(truth);
        }
        if (value instanceof Duration time) {
            return new JsonPrimitive(time.toNanos() / 1e9);
        }
        if (value instanceof Enum<?> choice) {
            return new JsonPrimitive(choice.name().toLowerCase(Locale.ROOT));
        }
        return new JsonPrimitive(String.valueOf(value));
    }

    private static JsonElement record(Record fields) {
        RecordComponent[] components = fields.getClass().getRecordComponents();
        boolean choice = Optional.ofNullable(fields.getClass().getInterfaces())
                .filter(it -> it.length == 1 && it[0].isSealed())
                .isPresent();
        String kind = snake(fields.getClass().getSimpleName());
        if (choice && components.length == 0) {
            return new JsonPrimitive(kind);
        }
        JsonObject object = new JsonObject();
        if (choice) {
            object.addProperty(KIND, kind);
        }
        for (RecordComponent component : components) {
            object.add(snake(component.getName()), of(get(component, fields)));
        }
        return object;
    }

    private static Object get(RecordComponent component, Record fields) {
        try {
            return component.getAccessor().invoke(fields);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("%s of %s cannot be read.".formatted(component, fields), e);
        }
    }

    /** {@code nLayers} is {@code n_layers}. */
    static String snake(String camel) {
        return camel.replaceAll("(?<=[a-z0-9])(?=[A-Z])", "_").toLowerCase(Locale.ROOT);
    }
}
