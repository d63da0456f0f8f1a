package org.lens4j.kernel.host;

import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Where a live value waits until the Java code that is to have it fetches it. A foreign kernel runs source text and nothing
 * else, and text can reach a value only through something static.
 */
public final class Handover {
    private static final Map<String, Object> WAITING = new ConcurrentHashMap<>();

    private Handover() {}

    /** Leaves a value; gives the Java expression that fetches it, once. */
    static String leave(Object value) {
        String ticket = UUID.randomUUID().toString();
        WAITING.put(ticket, value);
        return "%s.take(\"%s\")".formatted(Handover.class.getName(), ticket);
    }

    /** Fetches a value. For generated code. */
    public static Object take(String ticket) {
        return Optional.ofNullable(WAITING.remove(ticket))
                .orElseThrow(() -> new IllegalStateException("No value waits under \"" + ticket
                        + "\": it has been fetched, or was left in another process."));
    }
}
