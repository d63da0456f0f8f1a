package org.lens4j.kernel.host;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.UndeclaredThrowableException;
import java.nio.channels.ClosedByInterruptException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;
import org.lens4j.error.Explained;

/** Turns what a cell threw into what its reader needs: one block for our own errors, the cell's lines for others. */
final class ErrorText {
    private static final int MAX_FRAMES = 20;
    private static final int MAX_LIBRARY_FRAMES = 8;

    private final Map<StackTraceElement, CellText.Place> places = new HashMap<>();

    /**
     * Prepares for one exception.
     *
     * @param raw the frames of cell code as Java has them
     * @param translated the same frames as JShell translates them, in the same order
     */
    ErrorText(List<StackTraceElement> raw, List<StackTraceElement> translated, CellSources sources) {
        for (int i = 0; i < Math.min(raw.size(), translated.size()); i++) {
            Optional<CellText.Place> place = sources.place(translated.get(i));
            StackTraceElement frame = raw.get(i);
            place.ifPresent(p -> places.put(key(frame), p));
        }
    }

    static ErrorText withoutCells() {
        return new ErrorText(List.of(), List.of(), new CellSources());
    }

    CellFailure failure(Throwable thrown, boolean stopRequested) {
        if (stopRequested && isStop(thrown)) {
            List<String> lines = new ArrayList<>(List.of("Interrupted: the cell was stopped. The session goes on."));
            lines.addAll(frames(thrown));
            return new CellFailure("Interrupted", "the cell was stopped", lines, thrown);
        }
        Throwable told = unwrapped(thrown);
        String message = String.valueOf(told.getMessage() == null ? "" : told.getMessage());
        if (told instanceof Explained) {
            return new CellFailure(
                    told.getClass().getSimpleName(), message, message.lines().toList(), thrown);
        }
        List<String> lines = new ArrayList<>();
        Set<Throwable> seen = Collections.newSetFromMap(new IdentityHashMap<>());
        for (@Nullable Throwable t = thrown; t != null && seen.add(t); t = t.getCause()) {
            lines.addAll(((t == thrown ? "" : "Caused by: ") + t).lines().toList());
            lines.addAll(frames(t));
        }
        return new CellFailure(
                simpleName(thrown),
                String.valueOf(thrown.getMessage() == null ? "" : thrown.getMessage()),
                lines,
                thrown);
    }

    private static String simpleName(Throwable thrown) {
        String name = thrown.getClass().getSimpleName();
        return name.isEmpty() ? thrown.getClass().getName() : name;
    }

    /** Reflection and futures wrap what was thrown; a reader wants what was thrown. */
    private static Throwable unwrapped(Throwable thrown) {
        Throwable t = thrown;
        while (!(t instanceof Explained) && isWrapper(t)) {
            Throwable cause = t.getCause();
            if (cause == null) {
                return thrown;
            }
            t = cause;
        }
        return t;
    }

    private static boolean isWrapper(Throwable t) {
        return t instanceof InvocationTargetException
                || t instanceof UndeclaredThrowableException
                || t instanceof ExecutionException
                || t instanceof CompletionException
                || t instanceof ExceptionInInitializerError;
    }

    private static boolean isStop(Throwable thrown) {
        Set<Throwable> seen = Collections.newSetFromMap(new IdentityHashMap<>());
        for (@Nullable Throwable t = thrown; t != null && seen.add(t); t = t.getCause()) {
            if (t instanceof InterruptedException
                    || t instanceof CancellationException
                    || t instanceof ClosedByInterruptException
                    || t instanceof java.io.InterruptedIOException
                    // By name: the class is to be removed from Java, and it is what ends a stopped loop.
                    || t.getClass().getName().equals("java.lang.ThreadDeath")) {
                return true;
            }
        }
        return false;
    }

    private List<String> frames(Throwable thrown) {
        List<String> lines = new ArrayList<>();
        int skipped = 0;
        for (StackTraceElement frame : thrown.getStackTrace()) {
            CellText.Place place = places.get(key(frame));
            if (place == null) {
                continue;
            }
            if (lines.isEmpty()) {
                lines.add("    at " + in(frame) + place);
                place.excerpt(List.of()).forEach(line -> lines.add("    " + line));
            } else if (lines.size() < MAX_FRAMES) {
                lines.add("    at %s%s:  %s".formatted(in(frame), place, place.text()));
            } else {
                skipped++;
            }
        }
        if (skipped > 0) {
            lines.add("    … and %d more".formatted(skipped));
        }
        return lines.isEmpty() ? libraryFrames(thrown) : lines;
    }

    /** Where no line of a cell took part, the first frames are all there is to go by. */
    private static List<String> libraryFrames(Throwable thrown) {
        List<String> lines = new ArrayList<>();
        StackTraceElement[] frames = thrown.getStackTrace();
        for (int i = 0; i < Math.min(frames.length, MAX_LIBRARY_FRAMES); i++) {
            lines.add("    at " + frames[i]);
        }
        return lines;
    }

    private static String in(StackTraceElement frame) {
        String method = frame.getMethodName();
        boolean ofTheCell = method.startsWith("do_it") || method.startsWith("lambda$do_it");
        return ofTheCell ? "" : method + ", ";
    }

    private static StackTraceElement key(StackTraceElement frame) {
        return new StackTraceElement(frame.getClassName(), frame.getMethodName(), "cell", frame.getLineNumber());
    }
}
