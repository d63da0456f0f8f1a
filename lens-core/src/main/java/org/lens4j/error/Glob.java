package org.lens4j.error;

import java.util.regex.Pattern;

/**
 * A name with placeholders: {@code *} is any run of characters, {@code ?} any one.
 *
 * @param text as written, for example {@code blocks.*.hook_resid_post}
 * @param pattern what it matches
 */
public record Glob(String text, Pattern pattern) {
    /** Reads one; a plain name matches itself. */
    public static Glob of(String text) {
        StringBuilder regex = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '*' -> regex.append(".*");
                case '?' -> regex.append('.');
                default -> regex.append(Pattern.quote(String.valueOf(c)));
            }
        }
        return new Glob(text, Pattern.compile(regex.toString()));
    }

    /** Whether it may stand for more than one name. */
    public static boolean isGlob(String text) {
        return text.contains("*") || text.contains("?");
    }

    /** Whether it stands for that name. */
    public boolean matches(String name) {
        return pattern.matcher(name).matches();
    }
}
