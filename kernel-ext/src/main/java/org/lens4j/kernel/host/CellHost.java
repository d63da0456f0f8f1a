package org.lens4j.kernel.host;

import java.nio.file.Path;
import java.util.Optional;
import org.lens4j.error.StateException;
import org.lens4j.kernel.magic.Host;

/** What the bundled kernel's own magics need besides: a kernel whose class path grows. */
interface CellHost extends Host {
    /** Cells find the classes of this folder or jar from now on. */
    void addToClassPath(Path entry);

    /**
     * Runs what stands in the running cell under a magic, magics included; what it shows on the way is shown.
     *
     * @param below how many lines under the magic it begins; 0 on its own line
     * @return the value of its last line
     * @throws Exception what it threw, told with the lines of the cell
     */
    Optional<Object> runHere(String source, int below) throws Exception;

    /** The bundled kernel behind a host. */
    static CellHost of(Host host) {
        if (host instanceof CellHost own) {
            return own;
        }
        throw new StateException(
                "This is a magic of the bundled kernel, and another one runs. Use that kernel's own magic.");
    }
}
