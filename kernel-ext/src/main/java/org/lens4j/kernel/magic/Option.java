package org.lens4j.kernel.magic;

import java.util.List;

/**
 * One option of a magic.
 *
 * @param names as they are written, for example {@code -k} and {@code --top}
 * @param value what follows it, in words, or {@code ""} for a switch
 * @param meaning one line of the usage
 */
public record Option(List<String> names, String value, String meaning) {
    /** Prints the usage; every magic has it. */
    public static final Option HELP = flag("prints this", "--help");

    /** Prints the Java call; every magic has it. */
    public static final Option JAVA = flag("prints the Java call instead of making it", "--java");

    /** Runs on another text; the magics that run the model have it. */
    public static final Option PROMPT =
            value("TEXT", "uses this prompt and leaves the session's as it is", "-p", "--prompt");

    /** Copies the names. */
    public Option {
        names = List.copyOf(names);
    }

    /** A switch. */
    public static Option flag(String meaning, String... names) {
        return new Option(List.of(names), "", meaning);
    }

    /** An option with a value. */
    public static Option value(String value, String meaning, String... names) {
        return new Option(List.of(names), value, meaning);
    }

    /** Whether a value follows. */
    public boolean takesValue() {
        return !value.isEmpty();
    }

    /** How it is written, for the usage. */
    String written() {
        return String.join(", ", names) + (takesValue() ? " " + value : "");
    }
}
