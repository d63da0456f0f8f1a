package org.lens4j.kernel.host;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.lens4j.error.UsageException;
import org.lens4j.kernel.magic.MagicCall;

/**
 * Finds the magics in a cell.
 *
 * <p>A {@code %} is a magic where it is the first thing on its line and no expression is open before it, or where it
 * follows an {@code =}. Everywhere else it is Java's: after an operand it is the modulo operator, also when it begins a
 * line, and in comments, strings and text blocks it is a character. {@code %%name} takes the rest of the cell, and only
 * as the first thing in it.
 */
final class CellScanner {
    private static final Pattern CELL_MAGIC =
            Pattern.compile("\\s*%%([A-Za-z_][\\w-]*)([^\\n]*)(?:\\n(.*))?", Pattern.DOTALL);
    private static final Pattern LINE_MAGIC = Pattern.compile("%([A-Za-z_][\\w-]*)([^\\n]*)");
    private static final Pattern VAR =
            Pattern.compile("(?:final\\s+)?var\\s+([\\p{javaJavaIdentifierPart}]+)\\s*=\\s*");
    /** Words an operand cannot end with: a percent sign after one of them is no operator. */
    private static final Set<String> NO_OPERAND =
            Set.of("else", "do", "return", "yield", "throw", "case", "default", "try", "finally", "assert");

    private static final int NOT_BEGUN = -1;

    private final String cell;
    private final JavaTokens tokens;
    private final List<CellPart> parts = new ArrayList<>();
    private final List<MagicText.Stretch> lines = new ArrayList<>();
    private final StringBuilder java = new StringBuilder();
    private final Deque<Bracket> open = new ArrayDeque<>();
    private int javaLine;
    private int copied;
    /** Where the statement at hand began; -1 before its first token. */
    private int statement = NOT_BEGUN;

    private String previous = "";
    private String beforePrevious = "";
    private boolean operandBefore;
    private boolean closedValueSwitch;
    private int lastMagicStart;
    private int lastMagicEnd;

    /** An open bracket: whether an operand ends where it closes, and whether it holds the subject of a switch expression. */
    private record Bracket(String text, boolean operandAfter, boolean valueSwitch) {}

    private CellScanner(String cell) {
        this.cell = cell;
        this.tokens = new JavaTokens(cell);
    }

    /**
     * Splits a cell into what runs one after the other.
     *
     * @throws UsageException where a {@code %%name} is not the first thing in the cell
     */
    static List<CellPart> scan(String source) {
        String cell = source.replace("\r\n", "\n");
        Matcher whole = CELL_MAGIC.matcher(cell);
        if (whole.matches()) {
            String body = whole.group(3) == null ? "" : whole.group(3);
            MagicCall call = MagicCall.cell(whole.group(1), whole.group(2), body);
            return List.of(new CellPart.Magic(call, Optional.empty(), lineAt(cell, whole.start(1))));
        }
        return new CellScanner(cell).parts();
    }

    /** Where the magics of one line are in a cell, in order; a {@code %%name} is none. */
    static List<MagicText.Stretch> lineMagics(String cell) {
        CellScanner scanner = new CellScanner(cell);
        scanner.parts();
        return List.copyOf(scanner.lines);
    }

    /**
     * The magic being typed where {@code before} ends: what stands after its percent signs; empty where that is Java.
     */
    static Optional<String> openMagic(String before) {
        int lineStart = before.lastIndexOf('\n') + 1;
        int percent = before.indexOf('%', lineStart);
        if (percent < 0) {
            return Optional.empty();
        }
        Matcher whole = CELL_MAGIC.matcher(before + "x");
        if (whole.matches()) {
            String typed = before.substring(Math.min(before.length(), percent)).replaceFirst("^%+", "");
            return whole.group(3) == null ? Optional.of(typed) : Optional.empty();
        }
        CellScanner scanner = new CellScanner(before + "x");
        try {
            scanner.parts();
        } catch (UsageException e) {
            return Optional.empty();
        }
        return scanner.lastMagicEnd == before.length() + 1
                ? Optional.of(before.substring(scanner.lastMagicStart + 1))
                : Optional.empty();
    }

    /** How many brackets are open at the end. */
    static int depth(String source) {
        CellScanner scanner = new CellScanner(source.replace("\r\n", "\n"));
        scanner.parts();
        return scanner.open.size();
    }

    private List<CellPart> parts() {
        while (tokens.next()) {
            if (tokens.text().equals("%") && isMagicPlace()) {
                magic();
            } else {
                code(tokens.text());
            }
        }
        copyUpTo(cell.length());
        finishJava();
        return List.copyOf(parts);
    }

    /** Whether a percent sign here cannot be an operator. */
    private boolean isMagicPlace() {
        boolean inParentheses = !open.isEmpty() && !open.element().text().equals("{");
        if (inParentheses || operandBefore) {
            return false;
        }
        if (tokens.isFirstOnLine() && cell.startsWith("%%", tokens.start())) {
            throw lateCellMagic();
        }
        boolean named =
                LINE_MAGIC.matcher(cell).region(tokens.start(), cell.length()).lookingAt();
        return named && (tokens.isFirstOnLine() || previous.equals("="));
    }

    private UsageException lateCellMagic() {
        return new UsageException(
                "\"%s\" is on line %d of its cell, but a %%%% magic takes the whole cell. Make it the first line, or give it a cell of its own."
                        .formatted(
                                cell.substring(tokens.start(), lineEnd(tokens.start()))
                                        .strip(),
                                lineAt(cell, tokens.start()) + 1));
    }

    private void magic() {
        int from = tokens.start();
        int to = lineEnd(from);
        Matcher line = LINE_MAGIC.matcher(cell).region(from, to);
        boolean assigned = previous.equals("=");
        String name = line.matches() ? line.group(1) : "";
        String rest = line.matches() ? line.group(2).strip() : "";
        if (assigned && rest.endsWith(";")) {
            rest = rest.substring(0, rest.length() - 1);
        }
        Matcher var = VAR.matcher(cell).region(assigned ? statement : from, from);
        boolean ownVariable = assigned && var.matches();
        if (open.isEmpty() && (!assigned || ownVariable)) {
            copyUpTo(assigned ? statement : from);
            finishJava();
            Optional<String> variable = ownVariable ? Optional.of(var.group(1)) : Optional.empty();
            parts.add(new CellPart.Magic(MagicCall.line(name, rest), variable, lineAt(cell, from)));
            javaLine = lineAt(cell, to);
        } else {
            copyUpTo(from);
            java.append(CellApi.call(CellApi.receiver(rest), assigned ? "value" : "run", name, rest));
        }
        copied = to;
        lastMagicStart = from;
        lastMagicEnd = to;
        lines.add(new MagicText.Stretch(from, to));
        tokens.moveTo(to);
        endStatement();
    }

    private void code(String token) {
        if (statement == NOT_BEGUN && open.isEmpty()) {
            statement = tokens.start();
        }
        if (token.equals("++") || token.equals("--")) {
            // After an operand it belongs to it; before one, no operand has come yet.
            return;
        }
        switch (token) {
            case "(", "[" -> open.push(new Bracket(token, true, isValueSwitch()));
            case "{" -> open.push(new Bracket(token, previous.equals(")") && closedValueSwitch, false));
            default -> {}
        }
        boolean closes = token.equals(")") || token.equals("]") || token.equals("}");
        boolean operand;
        if (closes && !open.isEmpty()) {
            Bracket bracket = open.pop();
            closedValueSwitch = bracket.valueSwitch();
            operand = bracket.operandAfter();
        } else {
            operand = Character.isJavaIdentifierPart(token.charAt(0)) ? !NO_OPERAND.contains(token) : isLiteral(token);
        }
        boolean block = (token.equals("{") || token.equals("}")) && !operand;
        if (token.equals(";") || block) {
            endStatement();
        } else {
            beforePrevious = previous;
            previous = token;
            operandBefore = operand;
        }
    }

    /** Whether the parenthesis that opens here is that of a switch whose value is used. */
    private boolean isValueSwitch() {
        return previous.equals("switch") && !beforePrevious.isEmpty();
    }

    private static boolean isLiteral(String token) {
        return token.startsWith("\"") || token.startsWith("'");
    }

    private void endStatement() {
        previous = "";
        beforePrevious = "";
        operandBefore = false;
        if (open.isEmpty()) {
            statement = NOT_BEGUN;
        }
    }

    private void copyUpTo(int offset) {
        java.append(cell, copied, Math.max(copied, offset));
        copied = Math.max(copied, offset);
    }

    private void finishJava() {
        if (!java.toString().isBlank()) {
            parts.add(new CellPart.Java(java.toString(), javaLine));
        }
        java.setLength(0);
    }

    private int lineEnd(int from) {
        int newline = cell.indexOf('\n', from);
        return newline < 0 ? cell.length() : newline;
    }

    static int lineAt(String text, int offset) {
        return (int) text.substring(0, offset).chars().filter(c -> c == '\n').count();
    }
}
