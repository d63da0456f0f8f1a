package org.lens4j.family;

import java.util.function.ToDoubleFunction;

/**
 * A number written with others: {@code 4 * $n_embd}, {@code h * d + 2}. Numbers, names, {@code + - * /} and parentheses.
 */
final class Formula {
    private final String text;
    private final ToDoubleFunction<String> names;
    private int at;

    private Formula(String text, ToDoubleFunction<String> names) {
        this.text = text;
        this.names = names;
    }

    /**
     * Its value.
     *
     * @param names tells the value of a name; names begin with a letter, {@code $} or {@code _}
     * @throws IllegalArgumentException if it is not written so
     */
    static double value(String text, ToDoubleFunction<String> names) {
        Formula formula = new Formula(text, names);
        double value = formula.sum(0);
        formula.skipBlanks();
        if (formula.at < text.length()) {
            throw formula.wrong();
        }
        return value;
    }

    private double sum(int depth) {
        double value = product(depth);
        for (char sign = peek(); sign == '+' || sign == '-'; sign = peek()) {
            at++;
            double next = product(depth);
            value = sign == '+' ? value + next : value - next;
        }
        return value;
    }

    private double product(int depth) {
        double value = single(depth);
        for (char sign = peek(); sign == '*' || sign == '/'; sign = peek()) {
            at++;
            double next = single(depth);
            value = sign == '*' ? value * next : value / next;
        }
        return value;
    }

    private double single(int depth) {
        if (depth > 20) {
            throw wrong();
        }
        if (peek() == '(') {
            at++;
            double value = sum(depth + 1);
            if (peek() != ')') {
                throw wrong();
            }
            at++;
            return value;
        }
        int from = at;
        while (at < text.length()
                && (Character.isLetterOrDigit(text.charAt(at)) || "$_.".indexOf(text.charAt(at)) >= 0)) {
            at++;
        }
        String word = text.substring(from, at);
        if (word.isEmpty()) {
            throw wrong();
        }
        return Character.isDigit(word.charAt(0)) ? number(word) : names.applyAsDouble(word);
    }

    private double number(String word) {
        try {
            return Double.parseDouble(word);
        } catch (NumberFormatException e) {
            throw wrong();
        }
    }

    private char peek() {
        skipBlanks();
        return at < text.length() ? text.charAt(at) : '\0';
    }

    private void skipBlanks() {
        while (at < text.length() && text.charAt(at) == ' ') {
            at++;
        }
    }

    private IllegalArgumentException wrong() {
        return new IllegalArgumentException(
                "\"%s\" is no formula (at character %d). Write numbers, names, + - * / and parentheses."
                        .formatted(text, at + 1));
    }
}
