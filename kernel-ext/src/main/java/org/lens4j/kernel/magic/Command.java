package org.lens4j.kernel.magic;

import java.util.List;

/**
 * What one magic does, in terms of its arguments: the part that differs from magic to magic. {@link CommandMagic} adds what
 * is the same for all: {@code --help}, {@code --java}, unknown options.
 */
public interface Command {
    /** The word, without percent signs. */
    String name();

    /** What it does, one line. */
    String summary();

    /** How it is written after its name, for example {@code LAYER[.HEAD]}; {@code ""} if it takes nothing. */
    String form();

    /** One call as one would write it, for the usage. */
    String example();

    /** Its own options. */
    default List<Option> options() {
        return List.of();
    }

    /** Whether what follows the name is a text, to be left as it is. */
    default boolean takesText() {
        return false;
    }

    /** Whether the rest of a cell may be its text: {@code %%name}. */
    default boolean takesBody() {
        return false;
    }

    /** The Java that does the same. */
    String java(Arguments arguments);

    /**
     * Does it.
     *
     * @throws Exception an {@link org.lens4j.error.Explained} one for anything the user can mend
     */
    MagicResult run(Arguments arguments, Host host) throws Exception;

    /**
     * What may stand in place of the last word.
     *
     * @param words up to the cursor; the last is the word being typed, possibly empty
     */
    default List<String> complete(List<String> words) {
        return List.of();
    }
}
