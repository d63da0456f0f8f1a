package org.lens4j.kernel.client;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.gson.JsonSyntaxException;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Optional;
import java.util.UUID;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.zeromq.ZFrame;
import org.zeromq.ZMsg;

/** Packs and unpacks signed protocol messages. */
final class Frames {
    private static final String DELIMITER = "<IDS|MSG>";
    private static final String PROTOCOL = "5.3";

    /** A message as received. {@code parent} is the id of the request it answers, empty where there is none. */
    record Message(String type, String parent, JsonObject header, JsonObject content) {}

    private final String key;
    private final String session = UUID.randomUUID().toString();

    Frames(String key) {
        this.key = key;
    }

    /** The client's name for itself. */
    String session() {
        return session;
    }

    JsonObject header(String type) {
        JsonObject header = new JsonObject();
        header.addProperty("msg_id", UUID.randomUUID().toString());
        header.addProperty("session", session);
        header.addProperty("username", "lens4j");
        header.addProperty("date", Instant.now().toString());
        header.addProperty("msg_type", type);
        header.addProperty("version", PROTOCOL);
        return header;
    }

    ZMsg pack(JsonObject header, JsonObject parent, JsonObject content) {
        byte[][] parts = {
            header.toString().getBytes(UTF_8),
            parent.toString().getBytes(UTF_8),
            "{}".getBytes(UTF_8),
            content.toString().getBytes(UTF_8)
        };
        ZMsg message = new ZMsg();
        message.add(DELIMITER);
        message.add(signature(parts));
        for (byte[] part : parts) {
            message.add(part);
        }
        return message;
    }

    /** The message in these frames; empty where the signature or the form is wrong. */
    Optional<Message> unpack(ZMsg frames) {
        ZFrame[] parts = frames.toArray(ZFrame[]::new);
        int at = 0;
        while (at < parts.length && !DELIMITER.equals(new String(parts[at].getData(), UTF_8))) {
            at++;
        }
        if (at + 5 >= parts.length) {
            return Optional.empty();
        }
        byte[][] body = new byte[4][];
        for (int i = 0; i < 4; i++) {
            body[i] = parts[at + 2 + i].getData();
        }
        byte[] signed = parts[at + 1].getData();
        if (!MessageDigest.isEqual(signature(body).getBytes(UTF_8), signed)) {
            return Optional.empty();
        }
        try {
            JsonObject header = object(body[0]);
            JsonObject parent = object(body[1]);
            String parentId = parent.has("msg_id") ? parent.get("msg_id").getAsString() : "";
            return Optional.of(new Message(header.get("msg_type").getAsString(), parentId, header, object(body[3])));
        } catch (JsonSyntaxException | IllegalStateException e) {
            return Optional.empty();
        }
    }

    private static JsonObject object(byte[] json) {
        return JsonParser.parseString(new String(json, UTF_8)).getAsJsonObject();
    }

    private String signature(byte[][] parts) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(key.getBytes(UTF_8), "HmacSHA256"));
            for (byte[] part : parts) {
                mac.update(part);
            }
            return HexFormat.of().formatHex(mac.doFinal());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(
                    "Every Java runtime has HmacSHA256, but this one gave: " + e.getMessage(), e);
        }
    }
}
