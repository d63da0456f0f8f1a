package org.lens4j.kernel.magic;

import java.util.List;

/**
 * One option of a magic.
 *
 * @param names as they are written, for example {@code -k} and {@code --top}
 * @param value what follows it, in words, or {@code ""} for a switch
 * @param meaning one line of the usage
 * @param offer what its value may be
 * @param repeats whether it may be given several times
 */
public record Option(List<String> names, String value, String meaning, Offer offer, boolean repeats) {
    /** Prints the usage; every magic has it. */
    public static final Option HELP = flag("prints this", "--help");

    /** Prints the Java call; every magic has it. */
    public static final Option JAVA = flag("prints the Java call instead of making it", "--java");

    /** Keeps the result; every magic has it. */
    public static final Option OUT = value("NAME", "keeps the result in the Java variable NAME", "-o");

    /** Runs on another text; the magics that read the prompt have it. */
    public static final Option PROMPT =
            value("TEXT", "uses this prompt and leaves the session's as it is", "-p", "--prompt");

    /** Copies the names. */
    public Option {
        names = List.copyOf(names);
    }

    /** A switch. */
    public static Option flag(String meaning, String... names) {
        return new Option(List.of(names), "", meaning, new Offer.Anything(), false);
    }

    /** An option with a value. */
    public static Option value(String value, String meaning, String... names) {
        return new Option(List.of(names), value, meaning, new Offer.Anything(), false);
    }

    /** This option with values of a kind. */
    public Option offering(Offer values) {
        return new Option(names, value, meaning, values, repeats);
    }

    /** This option, which may be given several times. */
    public Option repeated() {
        return new Option(names, value, meaning, offer, true);
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
