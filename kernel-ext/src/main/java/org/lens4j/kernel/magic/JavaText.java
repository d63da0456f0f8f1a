package org.lens4j.kernel.magic;

import java.util.Collection;
import java.util.stream.Collectors;

/** Values as they are written in Java, for {@code --java}. */
final class JavaText {
    private JavaText() {}

    /** A string literal. */
    static String literal(String text) {
        StringBuilder out = new StringBuilder("\"");
        text.chars().forEach(c -> {
            switch (c) {
                case '"' -> out.append("\\\"");
                case '\\' -> out.append("\\\\");
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                default -> out.append((char) c);
            }
        });
        return out.append('"').toString();
    }

    /** String literals, separated by commas. */
    static String literals(Collection<String> texts) {
        return texts.stream().map(JavaText::literal).collect(Collectors.joining(", "));
    }
}
