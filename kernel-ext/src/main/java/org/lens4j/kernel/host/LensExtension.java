package org.lens4j.kernel.host;

import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.lens4j.error.StateException;
import org.lens4j.kernel.display.MimeBundle;
import org.lens4j.kernel.display.WorkBars;
import org.lens4j.kernel.host.ijava.IJavaKernel;
import org.lens4j.kernel.host.jjava.JJavaKernel;
import org.lens4j.kernel.session.LensSession;

/**
 * Lens4J in the Java kernel that runs already. In a cell of IJava or JJava:
 *
 * <pre>{@code
 * %jars /path/to/lens4j.jar
 * org.lens4j.kernel.host.LensExtension.install();
 * }</pre>
 *
 * JJava calls it by itself when the jar comes onto its class path.
 */
public final class LensExtension {
    /** One for each process: there is one kernel in it, and what it was given cannot be given back. */
    private static Optional<Installed> installed = Optional.empty();

    /** The Java expression by which cells reach {@link #cell()}. */
    static final String CELL_API = LensExtension.class.getName() + ".cell()";

    private record Installed(Guest guest, LensSession lens, WorkBars bars) {}

    private LensExtension() {}

    /**
     * Gives the running kernel the magics, the variable {@code lens} and how our values look. Again does nothing.
     *
     * @throws StateException if no kernel is found
     * @throws Exception whatever the kernel makes of an import that fails
     */
    public static void install() throws Exception {
        ForeignKernel kernel = find(IJavaKernel::running)
                .or(() -> find(JJavaKernel::running))
                .orElseThrow(
                        () -> new StateException(
                                "Lens4J was asked to install itself, and neither IJava nor JJava runs in this process. Call this in a cell of one of them; the bundled kernel (./lens lab) needs no call."));
        install(kernel);
    }

    /** An adapter cannot even be loaded where the classes of its kernel are not there. */
    private static Optional<ForeignKernel> find(Supplier<Optional<ForeignKernel>> adapter) {
        try {
            return adapter.get();
        } catch (LinkageError absent) {
            return Optional.empty();
        }
    }

    /** {@link #install()} into this kernel. For adapters that are called by their kernel. */
    public static synchronized void install(ForeignKernel kernel) throws Exception {
        if (installed.isPresent()) {
            return;
        }
        LensStartup.Made made = LensStartup.make(List.of());
        Guest guest = Guest.install(kernel, made.startup().withImport("static " + GuestNames.class.getName() + ".*"));
        installed = Optional.of(new Installed(guest, made.lens(), made.bars()));
        Runtime.getRuntime().addShutdownHook(new Thread(LensExtension::close, "close-lens"));
        guest.host()
                .display(
                        MimeBundle.text("Lens4J is ready in %s. %%lsmagic lists its magics.".formatted(kernel.name())));
    }

    /** What magics in cells are rewritten to calls of. For generated code. */
    public static synchronized CellApi cell() {
        return installation().guest().api();
    }

    static synchronized LensSession session() {
        return installation().lens();
    }

    static synchronized WorkBars bars() {
        return installation().bars();
    }

    private static Installed installation() {
        return installed.orElseThrow(
                () -> new StateException(
                        "Lens4J is not installed in this kernel, or the kernel is ending. Install it first: org.lens4j.kernel.host.LensExtension.install();"));
    }

    /** Frees the session's models and caches. Again does nothing. */
    public static synchronized void close() {
        installed.ifPresent(it -> it.guest().close());
        installed = Optional.empty();
    }
}
