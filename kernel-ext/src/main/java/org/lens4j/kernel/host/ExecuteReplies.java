package org.lens4j.kernel.host;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.github.spencerpark.jupyter.channels.ShellReplyEnvironment;
import io.github.spencerpark.jupyter.kernel.display.DisplayData;
import io.github.spencerpark.jupyter.messages.Message;
import io.github.spencerpark.jupyter.messages.MessageContext;
import io.github.spencerpark.jupyter.messages.MessageType;
import io.github.spencerpark.jupyter.messages.publish.PublishStatus;
import io.github.spencerpark.jupyter.messages.reply.ExecuteReply;
import java.util.Map;
import org.lens4j.kernel.display.MimeBundle;

/** The answers to an execute_request. The base library has no "aborted" among its replies and no user expressions. */
final class ExecuteReplies {
    private ExecuteReplies() {}

    static void ok(
            ShellReplyEnvironment environment, MessageContext request, int count, Map<String, JsonObject> expressions) {
        JsonObject content = content("ok", count);
        JsonObject values = new JsonObject();
        expressions.forEach(values::add);
        content.add("user_expressions", values);
        content.add("payload", new JsonArray());
        send(environment, request, content);
    }

    static void failed(ShellReplyEnvironment environment, MessageContext request, int count, CellFailure failure) {
        JsonObject content = content("error", count);
        error(failure).entrySet().forEach(e -> content.add(e.getKey(), e.getValue()));
        send(environment, request, content);
    }

    static void aborted(ShellReplyEnvironment environment, MessageContext request) {
        environment.publish(PublishStatus.BUSY);
        JsonObject content = new JsonObject();
        content.addProperty("status", "aborted");
        send(environment, request, content);
        environment.publish(PublishStatus.IDLE);
    }

    /** The outcome of a user expression that has a value. */
    static JsonObject value(MimeBundle bundle) {
        JsonObject value = new JsonObject();
        value.addProperty("status", "ok");
        JsonObject data = new JsonObject();
        bundle.data().forEach(data::addProperty);
        value.add("data", data);
        value.add("metadata", new JsonObject());
        return value;
    }

    /** The outcome of what failed. */
    static JsonObject error(CellFailure failure) {
        JsonObject error = new JsonObject();
        error.addProperty("status", "error");
        error.addProperty("ename", failure.ename());
        error.addProperty("evalue", failure.evalue());
        JsonArray lines = new JsonArray();
        failure.lines().forEach(lines::add);
        error.add("traceback", lines);
        return error;
    }

    /** A bundle in the base library's terms. */
    static DisplayData displayData(MimeBundle bundle) {
        DisplayData data = new DisplayData();
        bundle.data().forEach(data::putData);
        return data;
    }

    private static JsonObject content(String status, int count) {
        JsonObject content = new JsonObject();
        content.addProperty("status", status);
        content.addProperty("execution_count", count);
        return content;
    }

    @SuppressWarnings({"unchecked", "rawtypes"}) // JSON of our own under the library's type of message
    private static void send(ShellReplyEnvironment environment, MessageContext request, JsonObject content) {
        MessageType<ExecuteReply> type = MessageType.EXECUTE_REPLY;
        environment.reply((Message<?>) new Message(request, type, content));
    }
}
