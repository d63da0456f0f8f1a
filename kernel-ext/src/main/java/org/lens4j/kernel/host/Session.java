package org.lens4j.kernel.host;

import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.lens4j.error.UsageException;
import org.lens4j.kernel.display.Displays;
import org.lens4j.kernel.display.MimeBundle;
import org.lens4j.kernel.magic.MagicResult;
import org.lens4j.kernel.magic.TypeNames;

/** Runs cells: their Java and their magics, in order. Used from the cell thread only, but for {@link #stop}. */
final class Session implements CellHost, AutoCloseable {
    private final Startup startup;
    private final CellThread thread;
    private final Screen screen;
    private final JavaCells java;
    private final JavaHelp help;
    /** The cell that runs, and the line of its magic that does. */
    private CellText.Place running = new CellText.Place(new CellText(0, ""), 0);
    /** The magic that failed in it, the innermost one. */
    private Optional<CellText.Place> failed = Optional.empty();

    Session(Startup startup, CellThread thread, Screen screen) throws Exception {
        this.startup = startup;
        this.thread = thread;
        this.screen = screen;
        this.java = new JavaCells(thread, thread::stopRequested);
        this.help = new JavaHelp(java.analysis(), java::variables);
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
        java.keep(startup.variables().stream().map(Startup.Variable::name).collect(Collectors.toSet()));
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
     * What the last line of some source came to.
     *
     * @param value for Java
     * @param shown how it is shown; not worked out unless it is
     * @param ofMagic whether the line was a magic
     */
    private record Last(Optional<Object> value, Supplier<Optional<MimeBundle>> shown, boolean ofMagic) {
        static Last nothing() {
            return new Last(Optional.empty(), Optional::empty, false);
        }

        static Last java(Optional<Object> value, Displays displays) {
            return new Last(value, () -> value.filter(Session::isShown).map(displays::of), false);
        }

        static Last magic(MagicResult result, Displays displays) {
            return new Last(
                    result.value(), () -> result.shown().or(() -> result.value().map(displays::of)), true);
        }
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
            running = new CellText.Place(cell, 0);
            failed = Optional.empty();
            Last last = run(cell.source(), running);
            if (last.ofMagic() && thread.stopRequested()) {
                // A magic that was stopped gives what it has; the cells below wait for a user who has seen that.
                last.shown().get().ifPresent(this::display);
                thread.throwIfStopRequested();
            }
            return last.shown().get();
        } catch (CellFailure failure) {
            throw failure;
        } catch (Throwable thrown) {
            // Out of memory, stack overflow, a value whose toString throws: the cell failed, the session goes on.
            throw ErrorText.ofMagic(failed).failure(thrown, thread.stopRequested());
        }
    }

    /** Runs source that begins at a place of a cell; its lines are counted from 0. */
    private Last run(String source, CellText.Place begin) throws Exception {
        List<CellPart> parts = CellScanner.scan(source);
        Last last = Last.nothing();
        for (int i = 0; i < parts.size(); i++) {
            last = part(parts.get(i), begin);
            if (i < parts.size() - 1 && parts.get(i) instanceof CellPart.Magic) {
                last.shown().get().ifPresent(this::display);
            }
        }
        return last;
    }

    private Last part(CellPart part, CellText.Place begin) throws Exception {
        if (part instanceof CellPart.Java code) {
            Optional<Object> value =
                    java.run(new CellPart.Java(code.source(), begin.line() + code.line()), begin.cell());
            return Last.java(value, startup.displays());
        }
        CellPart.Magic magic = (CellPart.Magic) part;
        MagicResult result = runMagic(magic, new CellText.Place(begin.cell(), begin.line() + magic.line()));
        if (magic.variable().isPresent()) {
            assign(magic, magic.variable().get(), result);
            return new Last(Optional.empty(), Optional::empty, true);
        }
        return Last.magic(result, startup.displays());
    }

    private MagicResult runMagic(CellPart.Magic magic, CellText.Place at) throws Exception {
        CellText.Place around = running;
        running = at;
        thread.enter();
        try {
            return startup.magics().run(magic.call(), this);
        } catch (Exception e) {
            failed = failed.or(() -> Optional.of(new CellText.Place(at.cell(), at.line() + 1)));
            throw e;
        } finally {
            thread.leave();
            running = around;
        }
    }

    @Override
    public Optional<Object> runHere(String source, int below) throws Exception {
        return compiling(() -> run(source, new CellText.Place(running.cell(), running.line() + below))
                .value());
    }

    @Override
    public Optional<Object> evalBelow(String body) throws Exception {
        return runHere(body, 1);
    }

    /**
     * Work for a magic that compiles. An interrupt would close the files of the compiler, so it is kept back until code of the
     * cell or the magic itself goes on.
     */
    private <T> T compiling(Callable<T> work) throws Exception {
        thread.pause();
        try {
            return work.call();
        } finally {
            thread.resume();
        }
    }

    @Override
    public void addToClassPath(Path entry) {
        java.addToClassPath(entry);
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
            return compiling(() ->
                    run(source, new CellText.Place(new CellText(0, source), 0)).value());
        } catch (CellFailure failure) {
            if (failure.getCause() instanceof Exception thrown) {
                throw thrown;
            }
            throw new UsageException(String.join("\n", failure.lines()));
        }
    }

    @Override
    public void define(String name, String javaType, Object value) {
        thread.pause();
        try {
            java.define(name, javaType, value);
        } finally {
            thread.resume();
        }
    }

    @Override
    public Optional<Object> variable(String name) {
        return java.variable(name);
    }

    @Override
    public List<String> variables() {
        List<String> given =
                startup.variables().stream().map(Startup.Variable::name).toList();
        return java.variables().stream().filter(it -> !given.contains(it)).toList();
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
