package org.lens4j.error;

import java.util.Collection;
import java.util.List;

/** A name that means nothing here: a hook point, a model, a magic, an option. Names the closest valid ones. */
public final class UnknownNameException extends IllegalArgumentException implements Explained {
    private static final int SHOWN = 3;

    private final String name;
    private final List<String> closest;

    private UnknownNameException(String message, String name, List<String> closest) {
        super(message);
        this.name = name;
        this.closest = closest;
    }

    /**
     * Builds the message {@code Unknown KIND "NAME" in PLACE. Closest of N: a, b, c. ADVICE}.
     *
     * @param kind what was named, for example {@code "hook point"}
     * @param name the name as it was given
     * @param place where it was looked for, for example {@code "gpt2"}
     * @param valid every name that would have been right
     * @param advice what to do, a sentence
     */
    public static UnknownNameException of(
            String kind, String name, String place, Collection<String> valid, String advice) {
        List<String> closest = Closest.to(name, valid, SHOWN);
        String found = closest.isEmpty()
                ? " There are none there."
                : " Closest of %d: %s.".formatted(valid.size(), String.join(", ", closest));
        return new UnknownNameException(
                "Unknown %s \"%s\" in %s.%s %s"
                        .formatted(kind, Shortened.of(name), place, found, advice)
                        .strip(),
                name,
                closest);
    }

    /** The name that was asked for, as it was given. */
    public String name() {
        return name;
    }

    /** The nearest valid names, nearest first; at most three. */
    public List<String> closest() {
        return closest;
    }
}
