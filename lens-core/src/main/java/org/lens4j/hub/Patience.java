package org.lens4j.hub;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.Optional;

/** How often a request is tried again, and how long to wait before. It ends: after {@value #MOST} failures in a row. */
final class Patience {
    /** Attempts in a row that may fail. */
    static final int MOST = 5;

    private static final Duration FIRST = Duration.ofMillis(500);
    private static final Duration LONGEST = Duration.ofSeconds(60);

    private final Machine machine;
    private int failures;

    Patience(Machine machine) {
        this.machine = machine;
    }

    /** A server that asks to be left alone for a while, or is broken for one. */
    static final class BusyException extends IOException {
        BusyException(String message) {
            super(message);
        }
    }

    /** Whether the same request may succeed later. */
    static boolean mayPass(int status) {
        return status == 408 || status == 429 || status >= 500;
    }

    /** Something arrived; earlier failures no longer count. */
    void forget() {
        failures = 0;
    }

    /**
     * Waits after a broken connection.
     *
     * @throws IOException the same one, if that was the last attempt
     */
    void after(IOException failure) throws IOException, InterruptedException {
        failures++;
        if (failures >= MOST) {
            throw failure;
        }
        machine.pause(backoff());
    }

    /**
     * Waits after an answer that may be different later.
     *
     * @throws BusyException if that was the last attempt, or the server asks for more time than is bearable
     */
    void after(HttpResponse<?> busy) throws IOException, InterruptedException {
        failures++;
        Optional<Duration> asked =
                busy.headers().firstValue("Retry-After").flatMap(text -> duration(text, Instant.now()));
        if (asked.filter(it -> it.compareTo(LONGEST) > 0).isPresent()) {
            throw new BusyException("it answered %d and asks to wait %d seconds"
                    .formatted(busy.statusCode(), asked.get().toSeconds()));
        }
        if (failures >= MOST) {
            throw new BusyException("it answered %d, %d times".formatted(busy.statusCode(), failures));
        }
        machine.pause(asked.orElseGet(this::backoff));
    }

    private Duration backoff() {
        return FIRST.multipliedBy(1L << (failures - 1));
    }

    /** Seconds, or a date. */
    static Optional<Duration> duration(String text, Instant now) {
        if (text.strip().matches("\\d{1,9}")) {
            return Optional.of(Duration.ofSeconds(Long.parseLong(text.strip())));
        }
        try {
            Instant when = ZonedDateTime.parse(text.strip(), DateTimeFormatter.RFC_1123_DATE_TIME)
                    .toInstant();
            Duration wait = Duration.between(now, when);
            return Optional.of(wait.isNegative() ? Duration.ZERO : wait);
        } catch (DateTimeParseException e) {
            return Optional.empty();
        }
    }
}
