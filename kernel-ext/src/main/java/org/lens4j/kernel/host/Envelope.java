package org.lens4j.kernel.host;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.gson.reflect.TypeToken;
import io.github.spencerpark.jupyter.messages.HMACGenerator;
import io.github.spencerpark.jupyter.messages.Header;
import io.github.spencerpark.jupyter.messages.KernelTimestamp;
import io.github.spencerpark.jupyter.messages.Message;
import io.github.spencerpark.jupyter.messages.MessageType;
import io.github.spencerpark.jupyter.messages.adapters.HistoryRequestAdapter;
import io.github.spencerpark.jupyter.messages.request.HistoryRequest;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.zeromq.ZFrame;
import org.zeromq.ZMsg;

/**
 * Reads requests from their frames. The base library's own reader takes frame by frame from the socket and ends its
 * thread on the first one it cannot read; this one has the whole message before it looks, and passes over bad ones.
 */
final class Envelope {
    private static final byte[] DELIMITER = "<IDS|MSG>".getBytes(UTF_8);
    private static final String OLDEST_PROTOCOL = "5.0";
    private static final int BODY_FRAMES = 4;

    private final HMACGenerator hmac;
    private final boolean signed;
    private final Gson gson = new GsonBuilder()
            .registerTypeAdapter(HistoryRequest.class, HistoryRequestAdapter.INSTANCE)
            .create();

    Envelope(HMACGenerator hmac, boolean signed) {
        this.hmac = hmac;
        this.signed = signed;
    }

    /** The request in these frames; empty where its form or its signature is wrong, or its type unknown. */
    Optional<Message<?>> read(ZMsg message) {
        List<byte[]> frames = message.stream().map(ZFrame::getData).toList();
        int delimiter = 0;
        while (delimiter < frames.size() && !Arrays.equals(DELIMITER, frames.get(delimiter))) {
            delimiter++;
        }
        int body = delimiter + 2;
        if (body + BODY_FRAMES > frames.size() || !isSigned(frames, body)) {
            return Optional.empty();
        }
        try {
            Header<?> header = header(json(frames.get(body)));
            JsonObject parent = json(frames.get(body + 1));
            Map<String, Object> metadata =
                    gson.fromJson(json(frames.get(body + 2)), new TypeToken<Map<String, Object>>() {}.getType());
            Object content =
                    gson.fromJson(json(frames.get(body + 3)), header.getType().getContentType());
            if (header.getType().equals(MessageType.UNKNOWN) || content == null) {
                return Optional.empty();
            }
            return Optional.of(message(
                    frames.subList(0, delimiter),
                    header,
                    parent.has("msg_id") ? header(parent) : null,
                    metadata,
                    content,
                    frames.subList(body + BODY_FRAMES, frames.size())));
        } catch (RuntimeException e) {
            // Whatever a stranger may put into four frames: it is not a request, and the kernel goes on.
            return Optional.empty();
        }
    }

    private boolean isSigned(List<byte[]> frames, int body) {
        if (!signed) {
            return true;
        }
        String right = hmac.calculateSignature(
                frames.get(body), frames.get(body + 1), frames.get(body + 2), frames.get(body + 3));
        return MessageDigest.isEqual(right.getBytes(UTF_8), frames.get(body - 1));
    }

    private static JsonObject json(byte[] frame) {
        return JsonParser.parseString(new String(frame, UTF_8)).getAsJsonObject();
    }

    /** Lenient in what it does not need: older clients send no version, and dates come in many forms. */
    private static Header<?> header(JsonObject json) {
        return new Header<>(
                json.get("msg_id").getAsString(),
                text(json, "username", "user"),
                text(json, "session", ""),
                KernelTimestamp.now(),
                MessageType.getType(json.get("msg_type").getAsString()),
                text(json, "version", OLDEST_PROTOCOL));
    }

    private static String text(JsonObject json, String name, String otherwise) {
        JsonElement value = json.get(name);
        return value != null && value.isJsonPrimitive() ? value.getAsString() : otherwise;
    }

    @SuppressWarnings({"unchecked", "rawtypes"}) // the library ties a message's type to its header, known only here
    private static Message<?> message(
            List<byte[]> identities,
            Header<?> header,
            @Nullable Header<?> parent,
            Map<String, Object> metadata,
            Object content,
            List<byte[]> blobs) {
        return new Message(
                new ArrayList<>(identities), (Header) header, parent, metadata, content, new ArrayList<>(blobs));
    }
}
