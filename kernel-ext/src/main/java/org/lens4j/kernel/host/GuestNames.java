package org.lens4j.kernel.host;

import org.lens4j.kernel.display.WorkBars;
import org.lens4j.kernel.session.LensSession;

/**
 * What cells of a foreign kernel name without declaring it: they import it. It is no variable of the notebook, because JJava
 * empties variables when a cell repeats an import.
 */
public final class GuestNames {
    /** The session. */
    public static final LensSession lens = LensExtension.session();

    /** Progress bars for long work. */
    public static final WorkBars bars = LensExtension.bars();

    private GuestNames() {}
}
