package org.lens4j.kernel.host;

import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.lens4j.kernel.display.MimeBundle;

/** A Java kernel that is not ours, as far as Lens4J needs it. Each has one adapter that does this. */
public interface ForeignKernel {

    /** What the kernel calls for a word after {@code %}; gives the value for Java, or null where there is none. */
    interface Word {
        @Nullable
        Object run(List<String> args, Optional<String> body) throws Exception;
    }

    /** Its name, for people. */
    String name();

    /** Shows something in the running cell, under a display id where one is given. */
    void display(MimeBundle bundle, Optional<String> displayId);

    /** Replaces what was shown under this display id. */
    void update(MimeBundle bundle, String displayId);

    /**
     * Runs Java as a cell of it would.
     *
     * @return the live value of the last expression; empty where there is none or it is null
     * @throws Exception whatever the kernel makes of what the code threw
     */
    Optional<Object> eval(String java) throws Exception;

    /** Puts {@code %name} into its own registry of magics, in place of one of that name. */
    void register(String name, Word word);

    /** Puts {@code %%name} into its own registry. */
    void registerForCells(String name, Word word);

    /** Tells its own renderer how values of a type look. */
    <T> void render(Class<T> type, Function<? super T, MimeBundle> display);

    /**
     * Lets us read our magics in its cells, so that they follow our grammar and not its own. Where a kernel's insides are
     * not as this expects, nothing is changed, and its registry with its own grammar has to do.
     */
    void read(MagicText text);

    /** Whether it shows the value of a magic that stands last in its cell. */
    boolean showsValues();
}
