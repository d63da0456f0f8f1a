package org.lens4j.kernel.magic;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The cell of a sweep as the body of a Java function: its magics as the calls they stand for, its last line as what is
 * returned.
 */
final class SweepBody {
    private static final Pattern MAGIC =
            Pattern.compile("\\s*((?:final\\s+)?var\\s+[\\w$]+\\s*=\\s*)?%([A-Za-z_]\\w*)(.*)");
    /** What a statement that has no value begins with. */
    private static final Pattern NO_VALUE = Pattern.compile(
            "(?s)(for|while|do|if|try|switch|var|final|int|long|double|float|boolean|String|class|record|return|display\\(|System\\.(out|err)\\.).*");

    private static final String NOTHING = "Optional.empty()";

    private final MagicTable table;
    private final Host host;

    /**
     * A writer of bodies.
     *
     * @param table whose magics may stand in them
     * @param host in which the variable of the sweep has a value
     */
    SweepBody(MagicTable table, Host host) {
        this.table = table;
        this.host = host;
    }

    /** The statements, each indented. */
    String java(String cell) throws Exception {
        List<String> statements = statements(cell);
        List<String> lines = new ArrayList<>();
        for (int i = 0; i < statements.size(); i++) {
            boolean last = i == statements.size() - 1;
            lines.add("    " + statement(statements.get(i), last).replace("\n", "\n    "));
        }
        return String.join("\n", lines);
    }

    private String statement(String source, boolean last) throws Exception {
        Matcher magic = MAGIC.matcher(source);
        boolean isMagic = magic.matches() && table.find(magic.group(2)).isPresent();
        String java = isMagic ? call(magic.group(2), magic.group(3)) : source;
        if (isMagic && magic.group(1) != null) {
            java = magic.group(1).strip() + " " + java;
        }
        String expression = java.replaceFirst(";\\s*$", "");
        if (!last) {
            return java.matches("(?s).*[;}]\\s*") || java.startsWith("//") ? java : java + ";";
        }
        boolean valued = !NO_VALUE.matcher(expression).matches() && !expression.startsWith("//");
        return valued ? "return " + expression + ";" : end(java) + "\nreturn " + NOTHING + ";";
    }

    private static String end(String java) {
        return java.matches("(?s).*[;}]\\s*") || java.startsWith("//") ? java : java + ";";
    }

    /** The call a magic stands for; a comment where there is none. */
    private String call(String name, String rest) throws Exception {
        MagicCall call = MagicCall.line(name, rest.strip().replaceFirst(";$", ""));
        return table.get(name).java(call, host).orElse("// %" + name + " has no Java call.");
    }

    /** A magic is a statement; Java's end with a line that ends in a semicolon or a brace. */
    private List<String> statements(String cell) {
        List<String> statements = new ArrayList<>();
        StringBuilder open = new StringBuilder();
        for (String line : cell.lines().toList()) {
            Matcher magic = MAGIC.matcher(line);
            boolean whole = open.isEmpty()
                    && magic.matches()
                    && table.find(magic.group(2)).isPresent();
            if (line.isBlank() && open.isEmpty()) {
                continue;
            }
            open.append(open.isEmpty() ? "" : "\n").append(open.isEmpty() ? line.strip() : line);
            String end = line.strip();
            if (whole || ((end.endsWith(";") || end.endsWith("}")) && isBalanced(open))) {
                statements.add(open.toString());
                open.setLength(0);
            }
        }
        if (!open.toString().isBlank()) {
            statements.add(open.toString());
        }
        return statements;
    }

    private static boolean isBalanced(CharSequence source) {
        int depth = 0;
        for (int i = 0; i < source.length(); i++) {
            char c = source.charAt(i);
            depth += c == '{' || c == '(' ? 1 : c == '}' || c == ')' ? -1 : 0;
        }
        return depth <= 0;
    }
}
