package org.lens4j.kernel.host;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.github.spencerpark.jupyter.kernel.history.HistoryEntry;
import io.github.spencerpark.jupyter.messages.Message;
import io.github.spencerpark.jupyter.messages.adapters.HistoryEntryAdapter;

/**
 * Replies as the protocol wants them: each says how it went, and a history is a list of tuples. The base library's say the
 * first of some requests only, and write the second as objects.
 */
final class Replies {
    private static final String STATUS = "status";

    private final Gson gson = new GsonBuilder()
            .registerTypeAdapter(HistoryEntry.class, HistoryEntryAdapter.INSTANCE)
            .create();

    /** The same reply with its content in full. */
    @SuppressWarnings({"unchecked", "rawtypes"}) // JSON of our own under the library's type of message
    Message<?> complete(Message<?> reply) {
        JsonElement content = gson.toJsonTree(reply.getContent());
        if (!(content instanceof JsonObject object)) {
            return reply;
        }
        if (!object.has(STATUS)) {
            object.addProperty(STATUS, "ok");
        }
        return new Message(
                reply.getIdentities(),
                reply.getHeader(),
                reply.getParentHeader(),
                reply.getMetadata(),
                object,
                reply.getBlobs());
    }
}
