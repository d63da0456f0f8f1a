package org.lens4j.kernel.host;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import jdk.jshell.Diag;

/** Shows what the compiler says at the line of the cell it is about. */
final class CompileErrors {
    private static final String NAME = "CompileError";
    private static final Pattern PERCENT_LINE = Pattern.compile("(?m)^\\s*(%[A-Za-z_][\\w-]*)");

    private final CellText cell;
    private final int firstLine;

    /** For code that begins on this line of the cell, counted from 0. */
    CompileErrors(CellText cell, int firstLine) {
        this.cell = cell;
        this.firstLine = firstLine;
    }

    CellFailure failure(String source, List<Diag> diagnostics) {
        List<String> lines = new ArrayList<>();
        String first = "";
        for (Diag diag : diagnostics) {
            if (!diag.isError()) {
                continue;
            }
            String message = diag.getMessage(Locale.ROOT);
            first = first.isEmpty() ? message.lines().findFirst().orElse("") : first;
            int at = (int) Math.max(0, Math.min(diag.getPosition(), source.length()));
            CellText.Place place = new CellText.Place(cell, firstLine + CellScanner.lineAt(source, at) + 1);
            lines.add("Does not compile: " + place);
            lines.addAll(place.excerpt(List.of(mark(source, diag, at))));
            // JShell wraps code in classes of its own; "location: class" of one of them says nothing.
            message.lines()
                    .filter(line -> !line.strip().equals("location: class"))
                    .forEach(lines::add);
        }
        lines.addAll(percentHint(source));
        if (lines.isEmpty()) {
            first = "this is not a complete piece of Java";
            lines.add("Does not compile: " + first + ".");
        }
        return new CellFailure(NAME, first, lines);
    }

    /** Carets under the part of the line that is wrong. */
    private static String mark(String source, Diag diag, int at) {
        int lineStart = source.lastIndexOf('\n', at - 1) + 1;
        int newline = source.indexOf('\n', at);
        int lineEnd = newline < 0 ? source.length() : newline;
        int from = (int) Math.max(lineStart, Math.min(diag.getStartPosition(), at));
        int to = (int) Math.min(lineEnd, Math.max(diag.getEndPosition(), at + 1L));
        String indent = source.substring(lineStart, from).replaceAll("\\S", " ");
        return indent + "^".repeat(Math.max(1, to - from));
    }

    /** A magic after a statement without its semicolon reads as the modulo operator. */
    private static List<String> percentHint(String source) {
        Matcher line = PERCENT_LINE.matcher(source);
        return line.find()
                ? List.of(
                        "%s was read as the modulo operator, because the line before it does not end a statement. If it is a magic, end that line with a semicolon."
                                .formatted(line.group(1)))
                : List.of();
    }

    static CellFailure unresolved(String what, List<String> missing) {
        String message = "%s cannot run until %s is declared.".formatted(what, String.join(", ", missing));
        return new CellFailure(NAME, message, List.of(message));
    }
}
