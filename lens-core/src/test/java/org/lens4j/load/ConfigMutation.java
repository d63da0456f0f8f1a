package org.lens4j.load;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Ways to damage a config.json.
 *
 * @param original its text
 * @param random the dice
 */
record ConfigMutation(String original, Random random) {
    private static final List<String> EXTREMES = List.of(
            "2000000000",
            "2147483647",
            "-2147483648",
            "9223372036854775807",
            "0",
            "-1",
            "1",
            "2",
            "3",
            "999",
            "10000",
            "0.5",
            "1e308",
            "-1e308",
            "1e-320",
            "1e999",
            "null",
            "true",
            "false",
            "\"\"",
            "\"linear\"",
            "\"x\"",
            "[]",
            "{}",
            "[[[[]]]]",
            "[2000000000]",
            "[null]",
            "[\"a\",{}]",
            "{\"rope_type\":\"llama3\",\"factor\":0}",
            "{\"type\":\"linear\",\"factor\":-1}",
            "{\"rope_theta\":0}",
            "{\"rope_type\":\"linear\",\"factor\":\"2\"}");

    /** The damaged text. */
    String text() {
        return switch (random.nextInt(10)) {
            case 0 -> flipped();
            case 1 -> original.substring(0, random.nextInt(original.length()));
            case 2 -> nested();
            case 3 -> duplicated();
            case 4 -> renamed();
            default -> replaced();
        };
    }

    private String flipped() {
        byte[] bytes = original.getBytes(StandardCharsets.UTF_8);
        for (int change = 0; change <= random.nextInt(4); change++) {
            int at = random.nextInt(bytes.length);
            bytes[at] = random.nextBoolean() ? (byte) random.nextInt(256) : bytes[random.nextInt(bytes.length)];
        }
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    private JsonObject json() {
        return JsonParser.parseString(original).getAsJsonObject();
    }

    private String key(JsonObject json) {
        List<String> keys = new ArrayList<>(json.keySet());
        return keys.get(random.nextInt(keys.size()));
    }

    private JsonElement extreme() {
        return JsonParser.parseString(EXTREMES.get(random.nextInt(EXTREMES.size())));
    }

    /** Up to three values, also of keys inside others. */
    private String replaced() {
        JsonObject json = json();
        for (int change = 0; change <= random.nextInt(3); change++) {
            String key = key(json);
            boolean inside =
                    json.get(key).isJsonObject() && !json.getAsJsonObject(key).isEmpty() && random.nextInt(4) > 0;
            JsonObject parent = inside ? json.getAsJsonObject(key) : json;
            parent.add(inside ? key(parent) : key, extreme());
        }
        return json.toString();
    }

    private String renamed() {
        JsonObject json = json();
        String key = key(json);
        JsonElement value = json.remove(key);
        if (random.nextBoolean()) {
            json.add(key + "x", value);
        }
        return json.toString();
    }

    private String duplicated() {
        String key = key(json());
        return "{\"%s\":%s,%s".formatted(key, extreme(), original.strip().substring(1));
    }

    private String nested() {
        JsonObject json = json();
        if (random.nextInt(3) == 0) {
            int depth = 1 + random.nextInt(100_000);
            String opening = random.nextBoolean() ? "[" : "{\"a\":";
            return "{\"%s\":%s".formatted(key(json), opening.repeat(depth));
        }
        JsonElement deep = extreme();
        for (int depth = random.nextInt(100); depth >= 0; depth--) {
            JsonArray around = new JsonArray();
            around.add(deep);
            deep = around;
        }
        json.add(key(json), deep);
        return json.toString();
    }
}
