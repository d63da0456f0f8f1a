package org.lens4j.kernel.host;

import java.lang.reflect.Field;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import jdk.jshell.execution.LocalExecutionControl;
import jdk.jshell.spi.ExecutionControl;
import org.jspecify.annotations.Nullable;

/**
 * Runs what JShell compiled in this process, on the calling thread, and keeps what JShell itself gives away as text
 * only: the real value and the real exception.
 *
 * <p>It builds on JShell's local engine for the sake of {@link #stop}: newer JDKs have no other way to end a loop that
 * never looks at the interrupt flag than the checks this engine puts into the loops of a cell.
 */
final class LiveExecution extends LocalExecutionControl {
    private static final String CELL_CLASS = "REPL.$JShell$";
    /** From this version on the thread cannot be stopped from outside, and the loops of a cell carry checks instead. */
    private static final int LOOPS_CARRY_CHECKS = 20;

    /** Told before the code of a cell runs and after. Compiling is outside: an interrupt would close javac's files. */
    interface Gate {
        void enter() throws InterruptedException;

        void leave();
    }

    /** What happens to the variable JShell reads next. */
    private sealed interface Incoming {}

    private record Keep() implements Incoming {}

    private record Empty() implements Incoming {}

    private record Fill(Object value) implements Incoming {}

    private final Gate gate;
    private final Thread owner;
    private Optional<Object> value = Optional.empty();
    private Optional<Throwable> failure = Optional.empty();
    private Incoming incoming = new Keep();
    private List<StackTraceElement> cellFrames = List.of();

    LiveExecution(Gate gate) {
        this.gate = gate;
        this.owner = Thread.currentThread();
    }

    /** Makes loops run again after {@link #stop}, and makes the class their checks call. */
    void arm() throws Exception {
        if (Runtime.version().feature() >= LOOPS_CARRY_CHECKS) {
            Method nothing = LiveExecution.class.getDeclaredMethod("nothing");
            nothing.setAccessible(true);
            super.invoke(nothing);
        }
    }

    @SuppressWarnings("unused") // the engine needs some code to run before it makes the class of its checks
    private static void nothing() {}

    /** Forgets the value and the exception of the run before. */
    void clear() {
        value = Optional.empty();
        failure = Optional.empty();
        cellFrames = List.of();
    }

    /** The value the last run gave; empty where it was null or there was none. */
    Optional<Object> value() {
        return value;
    }

    /** What the last run threw. */
    Optional<Throwable> failure() {
        return failure;
    }

    /** The frames of cell code in what was thrown and in its causes, in the order JShell translates them. */
    List<StackTraceElement> cellFrames() {
        return cellFrames;
    }

    /** The next variable JShell reads is given this value first. */
    void fillNextVariable(Object live) {
        incoming = new Fill(live);
    }

    /** The next variable JShell reads is emptied first; one of a primitive type stays as it is. */
    void emptyNextVariable() {
        incoming = new Empty();
    }

    @Override
    protected String invoke(Method cell) throws Exception {
        clear();
        gate.enter();
        try {
            cell.setAccessible(true);
            value = Optional.ofNullable(cell.invoke(null));
            return "";
        } finally {
            gate.leave();
        }
    }

    @Override
    public String varValue(String className, String varName)
            throws RunException, EngineTerminationException, InternalException {
        try {
            Field field = findClass(className).getDeclaredField(varName);
            field.setAccessible(true);
            Incoming change = incoming;
            incoming = new Keep();
            if (change instanceof Fill fill) {
                field.set(null, fill.value());
            } else if (change instanceof Empty && !field.getType().isPrimitive()) {
                field.set(null, null);
            }
            value = Optional.ofNullable(field.get(null));
            return "";
        } catch (ReflectiveOperationException | IllegalArgumentException e) {
            value = Optional.empty();
            throw new InternalException("The variable " + varName + " could not be reached: " + e);
        }
    }

    @Override
    protected String throwConvertedInvocationException(Throwable thrown) throws RunException, InternalException {
        if (thrown instanceof InvocationTargetException wrapped && wrapped.getCause() != null) {
            return throwConvertedInvocationException(wrapped.getCause());
        }
        failure = Optional.of(thrown);
        if (thrown instanceof jdk.jshell.spi.SPIResolutionException) {
            return super.throwConvertedInvocationException(thrown);
        }
        cellFrames = framesOfCells(thrown);
        ExecutionControl.UserException forJShell = new ExecutionControl.UserException(
                String.valueOf(thrown.getMessage()),
                thrown.getClass().getName(),
                cellFrames.toArray(StackTraceElement[]::new));
        throw forJShell;
    }

    @Override
    protected String throwConvertedOtherException(Throwable thrown) throws RunException, InternalException {
        return throwConvertedInvocationException(thrown);
    }

    static boolean isCellFrame(StackTraceElement frame) {
        return frame.getClassName().startsWith(CELL_CLASS);
    }

    private static List<StackTraceElement> framesOfCells(Throwable thrown) {
        List<StackTraceElement> frames = new ArrayList<>();
        Set<Throwable> seen = Collections.newSetFromMap(new IdentityHashMap<>());
        for (@Nullable Throwable t = thrown; t != null && seen.add(t); t = t.getCause()) {
            for (StackTraceElement frame : t.getStackTrace()) {
                if (isCellFrame(frame)) {
                    frames.add(new StackTraceElement(
                            frame.getClassName(), frame.getMethodName(), "cell", frame.getLineNumber()));
                }
            }
        }
        return frames;
    }

    /** Ends the loops of the running cell, where that is safe: its own code runs, not a library called from it. */
    @Override
    public void stop() throws EngineTerminationException, InternalException {
        if (Runtime.version().feature() >= LOOPS_CARRY_CHECKS) {
            super.stop();
        } else if (runsOwnCode()) {
            try {
                Thread.class.getMethod("stop").invoke(owner);
            } catch (ReflectiveOperationException e) {
                throw new InternalException("This Java runtime cannot stop a thread: " + e);
            }
        }
    }

    private boolean runsOwnCode() {
        for (StackTraceElement frame : owner.getStackTrace()) {
            if (isCellFrame(frame)) {
                return true;
            }
            if (!frame.getClassName().startsWith("java.")) {
                return false;
            }
        }
        return false;
    }
}
