package org.lens4j.kernel.client;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/** Gathers the messages of one running request until both its reply and its "idle" are there. */
final class Running {
    private final String id;
    private final Consumer<Output> live;
    private final List<Output> outputs = new ArrayList<>();
    private final long started = System.nanoTime();
    private Optional<JsonObject> reply = Optional.empty();
    private boolean idle;

    Running(String id, Consumer<Output> live) {
        this.id = id;
        this.live = live;
    }

    boolean isOver() {
        return idle && reply.isPresent();
    }

    Duration age() {
        return Duration.ofNanos(System.nanoTime() - started);
    }

    void replied(Frames.Message message) {
        if (message.parent().equals(id) && message.type().endsWith("_reply")) {
            reply = Optional.of(message.content());
        }
    }

    void published(Frames.Message message) {
        if (!message.parent().equals(id)) {
            return;
        }
        JsonObject content = message.content();
        if (message.type().equals("status")) {
            idle |= "idle".equals(string(content, "execution_state"));
            return;
        }
        output(message.type(), content).ifPresent(output -> {
            outputs.add(output);
            live.accept(output);
        });
    }

    CellRun finished(boolean timedOut) {
        String status = reply.map(r -> string(r, "status")).orElse("");
        int count = reply.map(r -> r.get("execution_count"))
                .filter(JsonElement::isJsonPrimitive)
                .map(JsonElement::getAsInt)
                .orElse(0);
        CellRun.Status ended = timedOut
                ? CellRun.Status.TIMED_OUT
                : switch (status) {
                    case "ok" -> CellRun.Status.OK;
                    case "aborted" -> CellRun.Status.ABORTED;
                    default -> CellRun.Status.ERROR;
                };
        return new CellRun(ended, count, outputs, age());
    }

    private static Optional<Output> output(String type, JsonObject content) {
        return switch (type) {
            case "stream" -> Optional.of(new Output.Stream(string(content, "name"), string(content, "text")));
            case "display_data" ->
                Optional.of(new Output.DisplayData(data(content), object(content, "metadata"), displayId(content)));
            case "execute_result" ->
                Optional.of(new Output.ExecuteResult(
                        data(content),
                        object(content, "metadata"),
                        content.get("execution_count").getAsInt()));
            case "update_display_data" ->
                displayId(content).map(at -> new Output.UpdateDisplay(data(content), object(content, "metadata"), at));
            case "clear_output" ->
                Optional.of(new Output.ClearOutput(
                        content.has("wait") && content.get("wait").getAsBoolean()));
            case "error" ->
                Optional.of(new Output.ErrorOutput(
                        string(content, "ename"), string(content, "evalue"), strings(content, "traceback")));
            default -> Optional.empty();
        };
    }

    static Map<String, JsonElement> data(JsonObject content) {
        return new LinkedHashMap<>(object(content, "data").asMap());
    }

    static JsonObject object(JsonObject content, String name) {
        JsonElement value = content.get(name);
        return value != null && value.isJsonObject() ? value.getAsJsonObject() : new JsonObject();
    }

    static String string(JsonObject content, String name) {
        JsonElement value = content.get(name);
        return value != null && value.isJsonPrimitive() ? value.getAsString() : "";
    }

    static List<String> strings(JsonObject content, String name) {
        JsonElement value = content.get(name);
        JsonArray array = value != null && value.isJsonArray() ? value.getAsJsonArray() : new JsonArray();
        return array.asList().stream().map(JsonElement::getAsString).toList();
    }

    private static Optional<String> displayId(JsonObject content) {
        String id = string(object(content, "transient"), "display_id");
        return id.isEmpty() ? Optional.empty() : Optional.of(id);
    }
}
