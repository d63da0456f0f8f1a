package org.lens4j.text;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonLineTest {
    @Test
    void an_object_has_texts_and_other_things() {
        JsonObject object =
                JsonLine.object(" {\"a\": \"x\\n\", \"b\": 3, \"c\": [\"x\"]} ").orElseThrow();
        assertThat(JsonLine.text(object.get("a"))).contains("x\n");
        assertThat(JsonLine.text(object.get("b"))).isEmpty();
        assertThat(JsonLine.text(object.get("c"))).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "[1]", "\"x\"", "{\"a\": 1} {\"a\": 1}", "{\"a\": 1", "{a: 1}", "{'a': 1}", "{\"a\": 1;}"})
    void what_is_no_object_of_strict_json_is_none(String line) {
        assertThat(JsonLine.object(line)).isEmpty();
    }
}
