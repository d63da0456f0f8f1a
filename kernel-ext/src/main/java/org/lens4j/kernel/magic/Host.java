package org.lens4j.kernel.magic;

import java.util.List;
import java.util.Optional;
import org.lens4j.kernel.display.Displays;
import org.lens4j.kernel.display.MimeBundle;

/** What a magic needs from the kernel it runs in. */
public interface Host {
    /** Shows something in the running cell. */
    void display(MimeBundle bundle);

    /** Shows something that can change later; gives the display id for {@link #update}. */
    String displayUpdatable(MimeBundle bundle);

    /** Replaces what was shown under this display id. */
    void update(String displayId, MimeBundle bundle);

    /** How values look here. */
    Displays displays();

    /**
     * Runs Java in the notebook's session, and magics in it, as a cell would; its result is not shown.
     *
     * @return the live value of its last line; empty where there is none or it is null
     * @throws Exception the very exception the code threw
     */
    Optional<Object> eval(String java) throws Exception;

    /**
     * {@link #eval} of the lines below the magic that runs, so that errors can be told by their line in the cell.
     *
     * @throws Exception the very exception the code threw, or one that says where
     */
    default Optional<Object> evalBelow(String body) throws Exception {
        return eval(body);
    }

    /**
     * Makes a value a variable of the notebook's session, replacing one of that name.
     *
     * @param javaType its type as Java code, for example {@code java.util.List<String>}
     */
    void define(String name, String javaType, Object value);

    /** The live value of a variable of the notebook's session. */
    Optional<Object> variable(String name);

    /** The names of the user's variables, for messages; empty where they are not known. */
    default List<String> variables() {
        return List.of();
    }

    /** This host with one variable more, for {@code $name} only. */
    default Host with(String name, Object value) {
        return new PretendedVariable(this, name, value);
    }

    /** Whether the user asked to stop the running cell. */
    boolean interrupted();

    /** Ends the magic with an exception if the user asked to stop; long work calls it often. */
    void stopIfInterrupted();
}
