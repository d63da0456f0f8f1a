package org.lens4j.kernel.host;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.UndeclaredThrowableException;
import java.nio.channels.ClosedByInterruptException;
import java.util.ArrayList;
import java.util.Arrays;
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
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.lens4j.error.Explained;
import org.lens4j.error.UsageException;

/** Turns what a cell threw into what its reader needs: one block for our own errors, the cell's lines for others. */
final class ErrorText {
    /** The class that JShell puts around a snippet, before the name of what is in it. */
    private static final Pattern WRAPPER = Pattern.compile("\\bREPL\\.\\$JShell\\$\\w+[.$]");

    private static final int MAX_LINES = 30;
    private static final int MAX_LIBRARY_FRAMES = 8;

    private final Map<StackTraceElement, CellText.Place> places = new HashMap<>();
    private final Optional<CellText.Place> magic;

    private ErrorText(Optional<CellText.Place> magic) {
        this.magic = magic;
    }

    /**
     * Prepares for one exception.
     *
     * @param raw the frames of cell code as Java has them
     * @param translated the same frames as JShell translates them, in the same order
     */
    ErrorText(List<StackTraceElement> raw, List<StackTraceElement> translated, CellSources sources) {
        this(Optional.empty());
        for (int i = 0; i < Math.min(raw.size(), translated.size()); i++) {
            Optional<CellText.Place> place = sources.place(translated.get(i));
            StackTraceElement frame = raw.get(i);
            place.ifPresent(p -> places.put(key(frame), p));
        }
    }

    static ErrorText withoutCells() {
        return new ErrorText(Optional.empty());
    }

    /** Of what the magic there threw, if it was one. */
    static ErrorText ofMagic(Optional<CellText.Place> place) {
        return new ErrorText(place);
    }

    CellFailure failure(Throwable thrown, boolean stopRequested) {
        if (stopRequested && isStop(thrown)) {
            List<String> lines = new ArrayList<>(List.of("Interrupted: the cell was stopped. The session goes on."));
            if (unwrapped(thrown) instanceof Explained) {
                // What was stopped may say what is left of it, as a download does.
                lines.addAll(text(unwrapped(thrown)).lines().toList());
            }
            lines.addAll(cellFrames(thrown, List.of()));
            return new CellFailure("Interrupted", "the cell was stopped", lines, thrown);
        }
        Throwable plain = unwrapped(thrown);
        Throwable told = misfit(plain).<Throwable>map(it -> it).orElse(plain);
        if (told instanceof CellFailure inside) {
            // A magic inside Java ran Java of its own, which has told what happened.
            return inside;
        }
        if (told instanceof Explained) {
            return new CellFailure(simpleName(told), text(told), explained(told), thrown);
        }
        return new CellFailure(simpleName(thrown), text(thrown), chain(thrown), thrown);
    }

    /** The message, and in a cell of several lines the one that it is about. */
    private List<String> explained(Throwable told) {
        List<String> lines = new ArrayList<>(text(told).lines().toList());
        Stream.concat(
                        magic.stream(),
                        Stream.of(told.getStackTrace())
                                .flatMap(it -> Optional.ofNullable(places.get(key(it))).stream()))
                .findFirst()
                .filter(CellText.Place::isOneOfSeveral)
                .ifPresent(it -> lines.add("    at %s:  %s".formatted(it, it.text())));
        return lines;
    }

    private Optional<UsageException> misfit(Throwable thrown) {
        return Arrays.stream(thrown.getStackTrace())
                .findFirst()
                .flatMap(it -> Optional.ofNullable(places.get(key(it))))
                .flatMap(it -> Misfit.of(thrown, it.text()));
    }

    private List<String> chain(Throwable thrown) {
        List<String> lines = new ArrayList<>();
        Set<Throwable> seen = Collections.newSetFromMap(new IdentityHashMap<>());
        List<StackTraceElement> above = List.of();
        for (@Nullable Throwable t = thrown; t != null && seen.add(t); t = t.getCause()) {
            boolean first = lines.isEmpty();
            lines.addAll(((first ? "" : "Caused by: ") + asWritten(t.toString()))
                    .lines()
                    .toList());
            List<String> frames = cellFrames(t, above);
            lines.addAll(frames.isEmpty() && first ? libraryFrames(t) : frames);
            above = Arrays.asList(t.getStackTrace());
        }
        return lines;
    }

    private static String text(Throwable thrown) {
        String message = thrown.getMessage();
        return message == null ? "" : asWritten(message);
    }

    /** A message in which variables, methods and classes of cells have the names the cells gave them. */
    private static String asWritten(String message) {
        return WRAPPER.matcher(message).replaceAll("");
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

    /** The frames of cell code, without those at the end that {@code above} has told already. */
    private List<String> cellFrames(Throwable thrown, List<StackTraceElement> above) {
        List<StackTraceElement> frames = Arrays.asList(thrown.getStackTrace());
        List<String> lines = new ArrayList<>();
        String previous = "";
        int repeated = 0;
        for (StackTraceElement frame : frames.subList(0, frames.size() - sameAtEnd(frames, above))) {
            CellText.Place place = places.get(key(frame));
            if (place == null) {
                continue;
            }
            String line = "    at %s%s:  %s".formatted(in(frame), place, place.text());
            if (line.equals(previous)) {
                repeated++;
            } else if (previous.isEmpty()) {
                lines.add("    at " + in(frame) + place);
                place.excerpt(List.of()).forEach(text -> lines.add("    " + text));
            } else {
                lines.add(line);
            }
            previous = line;
        }
        if (repeated > 0) {
            lines.add("    (%d frames like the one before them are left out)".formatted(repeated));
        }
        boolean tooMany = lines.size() > MAX_LINES;
        return tooMany ? shortened(lines) : lines;
    }

    private static List<String> shortened(List<String> lines) {
        List<String> kept = new ArrayList<>(lines.subList(0, MAX_LINES));
        kept.add("    … and %d more".formatted(lines.size() - MAX_LINES));
        return kept;
    }

    private static int sameAtEnd(List<StackTraceElement> frames, List<StackTraceElement> above) {
        int same = 0;
        while (same < Math.min(frames.size(), above.size())
                && frames.get(frames.size() - 1 - same).equals(above.get(above.size() - 1 - same))) {
            same++;
        }
        return same;
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
