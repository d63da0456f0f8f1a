package org.lens4j.kernel.host;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import org.lens4j.kernel.display.MimeBundle;
import org.lens4j.kernel.magic.Host;
import org.lens4j.kernel.session.LensSession;

/** A notebook of Lens4J in this process, without Jupyter: cells run as they do in the kernel. */
public final class LiveNotebook implements AutoCloseable {
    private final Startup startup = LensStartup.create();
    private final CellThread thread = new CellThread();
    private final List<MimeBundle> displayed = new ArrayList<>();
    private final Session session;
    private int cells;

    /** A new one, with nothing loaded. */
    public LiveNotebook() throws Exception {
        this.session = on(() -> new Session(startup, thread, new Shown()));
    }

    private final class Shown implements Screen {
        @Override
        public void display(MimeBundle bundle, Optional<String> displayId) {
            displayed.add(bundle);
        }

        @Override
        public void update(MimeBundle bundle, String displayId) {}
    }

    private <T> T on(Callable<T> work) throws Exception {
        try {
            return thread.submit(work).get();
        } catch (ExecutionException e) {
            throw e.getCause() instanceof Exception cause ? cause : e;
        }
    }

    /** Runs a cell, and gives what its last line is shown as. */
    public Optional<MimeBundle> run(String cell) throws Exception {
        cells++;
        try {
            return thread.run(() -> session.run(new CellText(cells, cell)), () -> {})
                    .get();
        } catch (ExecutionException e) {
            throw e.getCause() instanceof Exception cause ? cause : e;
        }
    }

    /** Stops the running cell, as the stop button does. */
    public void stop() {
        thread.stop(session::stop);
    }

    /** What a cell that failed shows. */
    public static String errorText(Throwable thrown) {
        return thrown instanceof CellFailure failure ? String.join("\n", failure.lines()) : thrown.toString();
    }

    /** What was displayed so far, in order; results of cells are not in it. */
    public List<MimeBundle> displayed() {
        return displayed;
    }

    /** The value of a variable. */
    public Optional<Object> variable(String name) throws Exception {
        return on(() -> session.variable(name));
    }

    /** The notebook's session. */
    public LensSession lens() throws Exception {
        return (LensSession) variable("lens").orElseThrow();
    }

    /** The notebook as magics see it; for its own thread only. */
    Host host() {
        return session;
    }

    @Override
    public void close() {
        startup.onClose().run();
        thread.close(session::close);
    }
}
