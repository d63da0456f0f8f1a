package org.lens4j.kernel.magic;

import java.util.List;
import java.util.Optional;

/** One word after {@code %}. */
public interface Magic {
    /** The word, without percent signs. */
    String name();

    /** What it does, one line for {@code %lsmagic}. */
    String summary();

    /** How to call it, with every option; what {@code %name --help} prints. */
    String usage();

    /**
     * Does it.
     *
     * @param call what stood in the cell
     * @param host the kernel it runs in
     * @return its value for Java, and what to show
     * @throws Exception anything; an {@link org.lens4j.error.Explained} one is shown as its message only
     */
    MagicResult run(MagicCall call, Host host) throws Exception;

    /**
     * The Java expression that gives the value of a call; empty where there is none.
     *
     * @throws Exception as {@link #run} does, for a call that is written wrongly
     */
    default Optional<String> java(MagicCall call, Host host) throws Exception {
        return Optional.empty();
    }

    /** Whether it may be called as {@code %%name} with the rest of the cell as its body. */
    default boolean takesBody() {
        return false;
    }

    /** Whether it may be called as {@code %name}, on a line of its own. */
    default boolean takesLine() {
        return true;
    }

    /**
     * What may stand in place of the last argument.
     *
     * @param args the arguments up to the cursor; the last is the word being typed, possibly empty
     * @return full words, best first; empty where it has nothing to offer
     */
    default List<String> complete(List<String> args) {
        return List.of();
    }
}
