package org.lens4j.kernel.client;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class CellRunTest {
    private static Map<String, JsonElement> text(String text) {
        return Map.of("text/plain", new JsonPrimitive(text));
    }

    private static Output.DisplayData shown(String text, String id) {
        return new Output.DisplayData(text(text), new JsonObject(), Optional.of(id));
    }

    private static List<Output> folded(Output... outputs) {
        return new CellRun(CellRun.Status.OK, 1, List.of(outputs), Duration.ZERO).folded();
    }

    @Test
    void neighbouring_streams_are_joined() {
        assertThat(folded(
                        new Output.Stream("stdout", "a"),
                        new Output.Stream("stdout", "b"),
                        new Output.Stream("stderr", "c"),
                        new Output.Stream("stdout", "d")))
                .containsExactly(
                        new Output.Stream("stdout", "ab"),
                        new Output.Stream("stderr", "c"),
                        new Output.Stream("stdout", "d"));
    }

    @Test
    void an_update_replaces_what_was_shown_under_its_id() {
        assertThat(folded(
                        shown("0 %", "x"),
                        shown("other", "y"),
                        new Output.UpdateDisplay(text("100 %"), new JsonObject(), "x")))
                .containsExactly(shown("100 %", "x"), shown("other", "y"));
    }

    @Test
    void clearing_waits_for_the_next_output_if_asked_to() {
        Output.Stream a = new Output.Stream("stdout", "a");
        Output.Stream b = new Output.Stream("stdout", "b");
        assertThat(folded(a, new Output.ClearOutput(false))).isEmpty();
        assertThat(folded(a, new Output.ClearOutput(true))).containsExactly(a);
        assertThat(folded(a, new Output.ClearOutput(true), b)).containsExactly(b);
    }
}
