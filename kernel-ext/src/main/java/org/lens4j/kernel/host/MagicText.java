package org.lens4j.kernel.host;

import java.util.Optional;
import java.util.Set;
import java.util.function.BinaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Turns the text of our magics in a cell of a foreign kernel into the Java it runs. Its own translation splits a line at
 * blanks and drops quotes and backslashes before a magic sees them.
 */
public final class MagicText {
    private static final Pattern LINE = Pattern.compile("%([A-Za-z_][\\w-]*)([^\\n]*)");
    private static final Pattern VARIABLE =
            Pattern.compile("(?:^|[\\s;{}])var\\s+([\\p{javaJavaIdentifierPart}]+)\\s*=\\s*$");

    private final Set<String> names;

    /** A magic's place in a cell, from its percent sign to the end of its line. */
    public record Stretch(int start, int end) {}

    /** For the magics of these names; all others are left to the kernel. */
    MagicText(Set<String> names) {
        this.names = Set.copyOf(names);
    }

    /**
     * The Java for a cell whose lines may be magics, ours or the kernel's. What stands in a string, a text block, a comment or
     * behind an operand is none.
     *
     * @param theirs the Java for one of the kernel's, of what stands before it on its line and of itself
     */
    public String lines(String cell, BinaryOperator<String> theirs) {
        StringBuilder java = new StringBuilder();
        int copied = 0;
        for (Stretch magic : CellScanner.lineMagics(cell)) {
            java.append(cell, copied, magic.start());
            String raw = cell.substring(magic.start(), magic.end());
            String prefix = cell.substring(cell.lastIndexOf('\n', magic.start()) + 1, magic.start());
            java.append(line(prefix, raw).orElseGet(() -> theirs.apply(prefix, raw)));
            copied = magic.end();
        }
        return java.append(cell, copied, cell.length()).toString();
    }

    /** Whether this is one of our magics. */
    public boolean isOurs(String name) {
        return names.contains(name);
    }

    /**
     * The Java for one line's magic.
     *
     * @param prefix what stands before it on its line
     * @param raw the magic as it was written, with the blanks before its percent sign
     * @return empty for a magic that is not ours
     */
    Optional<String> line(String prefix, String raw) {
        String magic = raw.stripLeading();
        Matcher line = LINE.matcher(magic);
        if (!line.matches() || !isOurs(line.group(1))) {
            return Optional.empty();
        }
        String blanks = raw.substring(0, raw.length() - magic.length());
        String rest = line.group(2).strip();
        if (!prefix.stripTrailing().endsWith("=")) {
            return Optional.of(blanks + call("run", line.group(1), rest));
        }
        String bare = rest.endsWith(";") ? rest.substring(0, rest.length() - 1) : rest;
        Matcher variable = VARIABLE.matcher(prefix);
        String retyped = variable.find() ? " " + call("retype", variable.group(1)) : "";
        return Optional.of(blanks + call("value", line.group(1), bare) + retyped);
    }

    /**
     * The Java for a magic that takes a whole cell.
     *
     * @param rest of its line
     * @param body the lines under it
     * @return empty for a magic that is not ours
     */
    public Optional<String> cell(String name, String rest, String body) {
        return isOurs(name) ? Optional.of(call("run", name, rest.strip(), body)) : Optional.empty();
    }

    private static String call(String method, String... texts) {
        return CellApi.call(LensExtension.CELL_API, method, texts);
    }
}
