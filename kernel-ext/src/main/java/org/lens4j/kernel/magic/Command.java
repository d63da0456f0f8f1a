package org.lens4j.kernel.magic;

/**
 * What one magic does, in terms of its arguments: the part that differs from magic to magic. {@link CommandMagic} adds what
 * is the same for all: {@code --help}, {@code --java}, {@code -o}, {@code $name}, unknown options.
 */
public interface Command {
    /** How it is written. */
    Usage usage();

    /** The Java expression that gives the same value; a comment where there is none. */
    String java(Arguments arguments);

    /**
     * {@link #java(Arguments)}, for a magic whose Java depends on the notebook's variables.
     *
     * @throws Exception an {@link org.lens4j.error.Explained} one for anything the user can mend
     */
    default String java(Arguments arguments, Host host) throws Exception {
        return java(arguments);
    }

    /**
     * The Java expression that shows a value as this magic does.
     *
     * @param value a Java expression
     */
    default String view(String value, Arguments arguments) {
        return value;
    }

    /**
     * Does it.
     *
     * @throws Exception an {@link org.lens4j.error.Explained} one for anything the user can mend
     */
    MagicResult run(Arguments arguments, Host host) throws Exception;
}
