package org.lens4j.kernel.host;

import java.io.PrintStream;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.lens4j.error.UsageException;
import org.lens4j.kernel.display.Displays;
import org.lens4j.kernel.display.MimeBundle;
import org.lens4j.kernel.magic.Host;
import org.lens4j.kernel.magic.MagicResult;
import org.lens4j.kernel.magic.TypeNames;

/** Runs cells: their Java and their magics, in order. Used from the cell thread only, but for {@link #stop}. */
final class Session implements Host, AutoCloseable {
    private final Startup startup;
    private final CellThread thread;
    private final Screen screen;
    private final JavaCells java;
    private final JavaHelp help;

    Session(Startup startup, CellThread thread, Screen screen) throws Exception {
        this.startup = startup;
        this.thread = thread;
        this.screen = screen;
        this.java = new JavaCells(thread, thread::stopRequested);
        this.help = new JavaHelp(java.analysis());
        java.arm();
        prepare();
    }

    private void prepare() throws CellFailure {
        startup.onOpen().accept(this);
        StringBuilder begin = new StringBuilder();
        startup.imports().forEach(name -> begin.append("import ").append(name).append(";\n"));
        run(begin.toString());
        java.define(CellApi.VARIABLE, CellApi.class.getName(), new CellApi(this, startup.magics()));
        run("void display(Object value) { %s.display(value); }".formatted(CellApi.VARIABLE));
        for (Startup.Variable v : startup.variables()) {
            java.define(v.name(), v.javaType(), v.value());
        }
    }

    /** Ends loops of the running cell; any thread may call it. */
    void stop() throws Exception {
        java.stop();
    }

    JavaHelp help() {
        return help;
    }

    private Optional<Object> run(String source) throws CellFailure {
        return java.run(new CellPart.Java(source, 0), new CellText(0, source));
    }

    /** {@code System.out.printf} gives the stream it printed to, which nobody asked to see. */
    private static boolean isShown(Object value) {
        return !(value instanceof PrintStream);
    }

    /**
     * Runs a cell and gives what its last line is shown as.
     *
     * @throws CellFailure where it does not run to its end; what ran before has happened
     */
    Optional<MimeBundle> run(CellText cell) throws CellFailure {
        try {
            if (thread.takeStopped()) {
                java.arm();
            }
            List<CellPart> parts = CellScanner.scan(cell.source());
            Optional<MimeBundle> last = Optional.empty();
            for (int i = 0; i < parts.size(); i++) {
                boolean isLast = i == parts.size() - 1;
                last = part(parts.get(i), cell, isLast);
            }
            return last;
        } catch (CellFailure failure) {
            throw failure;
        } catch (Throwable thrown) {
            // Out of memory, stack overflow, a value whose toString throws: the cell failed, the session goes on.
            throw ErrorText.withoutCells().failure(thrown, thread.stopRequested());
        }
    }

    private Optional<MimeBundle> part(CellPart part, CellText cell, boolean isLast) throws Exception {
        if (part instanceof CellPart.Java code) {
            Optional<Object> value = java.run(code, cell);
            return isLast ? value.filter(Session::isShown).map(startup.displays()::of) : Optional.empty();
        }
        CellPart.Magic magic = (CellPart.Magic) part;
        MagicResult result = runMagic(magic);
        if (magic.variable().isPresent()) {
            assign(magic, magic.variable().get(), result);
            return Optional.empty();
        }
        Optional<MimeBundle> shown = result.shown().or(() -> result.value().map(startup.displays()::of));
        if (isLast) {
            return shown;
        }
        shown.ifPresent(this::display);
        return Optional.empty();
    }

    private MagicResult runMagic(CellPart.Magic magic) throws Exception {
        thread.enter();
        try {
            return startup.magics().run(magic.call(), this);
        } finally {
            thread.leave();
        }
    }

    private void assign(CellPart.Magic magic, String variable, MagicResult result) {
        Object value = result.valueOf(magic.call().name());
        java.define(variable, TypeNames.of(value), value);
    }

    @Override
    public void display(MimeBundle bundle) {
        screen.display(bundle, Optional.empty());
    }

    @Override
    public String displayUpdatable(MimeBundle bundle) {
        String id = UUID.randomUUID().toString();
        screen.display(bundle, Optional.of(id));
        return id;
    }

    @Override
    public void update(String displayId, MimeBundle bundle) {
        screen.update(bundle, displayId);
    }

    @Override
    public Displays displays() {
        return startup.displays();
    }

    @Override
    public Optional<Object> eval(String source) throws Exception {
        try {
            return run(source);
        } catch (CellFailure failure) {
            if (failure.getCause() instanceof Exception thrown) {
                throw thrown;
            }
            throw new UsageException(String.join("\n", failure.lines()));
        }
    }

    @Override
    public void define(String name, String javaType, Object value) {
        java.define(name, javaType, value);
    }

    @Override
    public Optional<Object> variable(String name) {
        return java.variable(name);
    }

    @Override
    public List<String> variables() {
        return java.variables();
    }

    @Override
    public boolean interrupted() {
        return thread.stopRequested();
    }

    @Override
    public void stopIfInterrupted() {
        thread.throwIfStopRequested();
    }

    @Override
    public void close() {
        java.close();
    }
}
