package org.lens4j.kernel.notebook;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Terminal text as HTML: colours and weights become spans, a carriage return starts its line again as a progress bar
 * means it, other control codes vanish.
 */
final class AnsiText {
    private static final Pattern CONTROL = Pattern.compile(
            "\u001b\\[(?<numbers>[0-9;:]*)(?<end>[A-Za-z])|\u001b\\][^\u0007\u001b]*(\u0007|\u001b\\\\)|\u001b.?");
    private static final List<String> NAMES =
            List.of("black", "red", "green", "yellow", "blue", "magenta", "cyan", "white");
    private static final int[] LEVELS = {0, 95, 135, 175, 215, 255};

    private boolean bold;
    private boolean faint;
    private boolean italic;
    private boolean underlined;
    private Colour foreground = Colour.NONE;
    private Colour background = Colour.NONE;

    private AnsiText() {}

    /**
     * Converts a whole output.
     *
     * @param text what a program printed for a terminal
     * @return escaped HTML with spans of the classes {@code ansi-*}
     */
    static String toHtml(String text) {
        return new AnsiText().convert(overwritten(text));
    }

    /** What is left of each line once every carriage return has begun it anew. */
    private static String overwritten(String text) {
        String unix = text.replace("\r\n", "\n");
        if (unix.indexOf('\r') < 0) {
            return unix;
        }
        StringBuilder out = new StringBuilder();
        for (String line : unix.split("(?<=\n)", -1)) {
            String body = line.endsWith("\n") ? line.substring(0, line.length() - 1) : line;
            String shown = body.replaceAll("\r+$", "");
            out.append(shown.substring(shown.lastIndexOf('\r') + 1)).append(line.substring(body.length()));
        }
        return out.toString();
    }

    private String convert(String text) {
        StringBuilder out = new StringBuilder();
        Matcher matcher = CONTROL.matcher(text);
        int from = 0;
        while (matcher.find()) {
            append(text.substring(from, matcher.start()), out);
            if ("m".equals(matcher.group("end"))) {
                select(matcher.group("numbers"));
            }
            from = matcher.end();
        }
        append(text.substring(from), out);
        return out.toString();
    }

    private void append(String text, StringBuilder out) {
        if (text.isEmpty()) {
            return;
        }
        List<String> classes = new ArrayList<>();
        List<String> styles = new ArrayList<>();
        if (bold) {
            classes.add("ansi-bold");
        }
        if (faint) {
            classes.add("ansi-faint");
        }
        if (italic) {
            classes.add("ansi-italic");
        }
        if (underlined) {
            classes.add("ansi-underlined");
        }
        foreground.describe("color", "ansi-fg-", classes, styles);
        background.describe("background-color", "ansi-bg-", classes, styles);
        String escaped = Html.escape(text);
        if (classes.isEmpty() && styles.isEmpty()) {
            out.append(escaped);
            return;
        }
        out.append("<span");
        if (!classes.isEmpty()) {
            out.append(" class=\"").append(String.join(" ", classes)).append('"');
        }
        if (!styles.isEmpty()) {
            out.append(" style=\"").append(String.join(";", styles)).append('"');
        }
        out.append('>').append(escaped).append("</span>");
    }

    private void select(String numbers) {
        List<Integer> codes = new ArrayList<>();
        for (String number : numbers.split("[;:]", -1)) {
            codes.add(number.isEmpty() || number.length() > 3 ? 0 : Integer.parseInt(number));
        }
        for (int i = 0; i < codes.size(); i++) {
            int code = codes.get(i);
            if (code == 38 || code == 48) {
                List<Integer> rest = codes.subList(i + 1, codes.size());
                Colour colour = Colour.extended(rest);
                if (code == 38) {
                    foreground = colour;
                } else {
                    background = colour;
                }
                i += Colour.length(rest);
            } else {
                selectOne(code);
            }
        }
    }

    private void selectOne(int code) {
        switch (code) {
            case 0 -> {
                bold = faint = italic = underlined = false;
                foreground = background = Colour.NONE;
            }
            case 1 -> bold = true;
            case 2 -> faint = true;
            case 3 -> italic = true;
            case 4 -> underlined = true;
            case 22 -> bold = faint = false;
            case 23 -> italic = false;
            case 24 -> underlined = false;
            case 39 -> foreground = Colour.NONE;
            case 49 -> background = Colour.NONE;
            default -> {
                int digit = code % 10;
                if (digit < NAMES.size()) {
                    switch (code / 10) {
                        case 3 -> foreground = Colour.named(digit);
                        case 4 -> background = Colour.named(digit);
                        case 9 -> foreground = Colour.named(digit + 8);
                        case 10 -> background = Colour.named(digit + 8);
                        default -> {} // a code that changes nothing we show
                    }
                }
            }
        }
    }

    /** One of the sixteen colours the page's style sheet names, or any other as red, green and blue. */
    private record Colour(String name, String rgb) {
        static final Colour NONE = new Colour("", "");

        static Colour named(int index) {
            String prefix = index < 8 ? "" : "bright-";
            return new Colour(prefix + NAMES.get(index % 8), "");
        }

        static Colour extended(List<Integer> codes) {
            if (codes.size() >= 2 && codes.get(0) == 5) {
                int index = Math.min(codes.get(1), 255);
                if (index < 16) {
                    return named(index);
                }
                if (index >= 232) {
                    int grey = 8 + 10 * (index - 232);
                    return rgb(grey, grey, grey);
                }
                int cube = index - 16;
                return rgb(LEVELS[cube / 36], LEVELS[cube / 6 % 6], LEVELS[cube % 6]);
            }
            return codes.size() >= 4 && codes.get(0) == 2 ? rgb(codes.get(1), codes.get(2), codes.get(3)) : NONE;
        }

        /** How many numbers a colour takes after the 38 or 48 that announces it. */
        static int length(List<Integer> codes) {
            int wanted = codes.isEmpty() ? 0 : codes.get(0) == 5 ? 2 : codes.get(0) == 2 ? 4 : 0;
            return Math.min(wanted, codes.size());
        }

        private static Colour rgb(int red, int green, int blue) {
            return new Colour("", "rgb(%d,%d,%d)".formatted(red, green, blue));
        }

        void describe(String property, String prefix, List<String> classes, List<String> styles) {
            if (!name.isEmpty()) {
                classes.add(prefix + name);
            }
            if (!rgb.isEmpty()) {
                styles.add(property + ":" + rgb);
            }
        }
    }
}
