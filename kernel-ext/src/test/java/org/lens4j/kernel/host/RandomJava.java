package org.lens4j.kernel.host;

import java.util.List;
import java.util.Random;

/** Writes Java that is full of percent signs: as an operator, at the beginning of lines, in texts and in comments. */
final class RandomJava {
    /** Magics are named so too: a modulo by one of these looks most like a magic. */
    private static final List<String> NAMES = List.of("attn", "load", "next", "cache", "a", "b1", "time");

    private final Random random;

    RandomJava(long seed) {
        this.random = new Random(seed);
    }

    private String oneOf(String... choices) {
        return choices[random.nextInt(choices.length)];
    }

    private String name() {
        return NAMES.get(random.nextInt(NAMES.size()));
    }

    /** What may stand between two tokens. */
    private String gap() {
        return oneOf("", " ", " ", "\n", "\n    ", " // 5 % of it\n", " /* %attn 3 */ ", "\n// %load demo\n", "\n\n  ");
    }

    /** A remainder, with whatever may stand around its sign. */
    private String remainder(int depth) {
        return operand(depth - 1) + gap() + "%" + oneOf("", " ", "\n") + operand(depth - 1);
    }

    private String expression(int depth) {
        if (depth <= 0) {
            return operand(0);
        }
        return switch (random.nextInt(6)) {
            case 0, 1, 2 -> remainder(depth);
            case 3 -> operand(depth - 1) + oneOf(" + ", " - ", "\n * ", " / ") + remainder(depth - 1);
            case 4 -> "(" + remainder(depth - 1) + " > 1 ? " + remainder(depth - 1) + " : " + name() + ")";
            default -> operand(depth);
        };
    }

    private String operand(int depth) {
        if (depth <= 0) {
            return oneOf(
                    "7",
                    "0x1F",
                    "1_000",
                    name(),
                    name(),
                    "'%'",
                    "(int) '\\''",
                    "\"100 %\".length()",
                    "(" + name() + ")");
        }
        return switch (random.nextInt(11)) {
            case 0 -> "(" + expression(depth - 1) + ")";
            case 1 -> "f(" + expression(depth - 1) + "," + gap() + expression(depth - 1) + ")";
            case 2 -> "array[" + expression(depth - 1) + "]";
            case 3 -> name() + oneOf("++", "--");
            case 4 -> "-" + name();
            case 5 -> "String.format(\"%d %% \\\" %attn\", " + expression(depth - 1) + ").length()";
            case 6 -> "\"\"\"\n%attn 3\n  %%prompt\n  \\\"\"\" %load x\n\"\"\".length()";
            case 7 ->
                "switch (" + name() + ") { case 1 -> " + expression(depth - 1) + "; default -> { yield "
                        + expression(depth - 1) + "; } }";
            case 8 -> "new int[] {" + expression(depth - 1) + ", 2}.length";
            case 9 -> "new Object() { int v = " + expression(depth - 1) + "; }.v";
            default -> "this." + name();
        };
    }

    /** A statement that ends where its text ends. */
    String statement(int depth) {
        String value = expression(depth);
        return switch (random.nextInt(depth <= 0 ? 5 : 11)) {
            case 0 -> "int " + name() + " =" + gap() + value + ";";
            case 1 -> name() + oneOf(" = ", " += ", " %= ") + value + ";";
            case 2 -> "f(" + value + ", " + name() + ");";
            case 3 -> "// %attn 3, and \"this\n;";
            case 4 -> "String s = \"%\" +" + gap() + "(" + value + ");";
            case 5 ->
                "if (" + value + " > 1) {\n" + statement(depth - 1) + "\n} else {\n" + statement(depth - 1) + "\n}";
            case 6 -> "for (int i = 0; i < " + value + "; i++) {\n" + statement(depth - 1) + "\n}";
            case 7 ->
                "switch (" + value + ") {\n  case 1: " + statement(depth - 1) + "\n  default:\n" + statement(depth - 1)
                        + "\n}";
            case 8 ->
                "java.util.function.IntUnaryOperator g = x -> {\n" + statement(depth - 1) + "\nreturn " + value
                        + ";\n};";
            case 9 -> "try {\n" + statement(depth - 1) + "\n} finally {\n" + statement(depth - 1) + "\n}";
            default -> "class C {\n  int m(int x) { return x" + gap() + "%" + name() + "; }\n}";
        };
    }

    /** A line that is a magic. */
    String magic() {
        return oneOf("%", "  %", "\t%") + name() + oneOf("", " 3", " \"a % b\" -k 3", " don't // no comment");
    }
}
