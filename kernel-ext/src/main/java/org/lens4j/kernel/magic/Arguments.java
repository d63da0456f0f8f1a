package org.lens4j.kernel.magic;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.lens4j.error.Closest;
import org.lens4j.error.UsageException;

/**
 * The arguments of one call: options, and the words that are none.
 *
 * @param options each given option with its value, {@code ""} for a switch
 * @param words in the order given
 * @param text what follows the options, as it was written, for magics that take a text
 */
public record Arguments(Map<Option, String> options, List<String> words, String text) {
    /** Copies. */
    public Arguments {
        options = Map.copyOf(options);
        words = List.copyOf(words);
    }

    /**
     * Sorts the words of a call.
     *
     * @param call what stood in the cell
     * @param known the options this magic has
     * @throws UsageException for an option it does not have, naming the closest, or one that lacks its value
     */
    static Arguments parse(MagicCall call, List<Option> known) {
        Map<Option, String> options = new LinkedHashMap<>();
        List<String> words = new ArrayList<>();
        List<String> args = call.args();
        for (int i = 0; i < args.size(); i++) {
            String word = args.get(i);
            if (!looksLikeOption(word)) {
                words.add(word);
                continue;
            }
            int equals = word.startsWith("--") ? word.indexOf('=') : -1;
            Option option = named(call.name(), equals < 0 ? word : word.substring(0, equals), known);
            if (!option.takesValue()) {
                options.put(option, "");
            } else if (equals >= 0) {
                options.put(option, word.substring(equals + 1));
            } else if (i + 1 < args.size()) {
                i++;
                options.put(option, args.get(i));
            } else {
                throw new UsageException("%%%s: %s needs a value, %s. %s"
                        .formatted(call.name(), word, option.value(), seeHelp(call.name())));
            }
        }
        return new Arguments(options, words, call.rest());
    }

    /**
     * The arguments of a magic whose line is a text: only options before the text count, the rest is left as it is.
     *
     * @param call what stood in the cell
     * @param flags switches that may stand first
     */
    static Arguments text(MagicCall call, List<Option> flags) {
        Map<Option, String> options = new LinkedHashMap<>();
        String rest = call.rest();
        while (rest.startsWith("--")) {
            int end = blank(rest);
            Option flag = named(call.name(), rest.substring(0, end), flags);
            options.put(flag, "");
            rest = rest.substring(end).strip();
        }
        boolean quoted = rest.length() > 1 && rest.startsWith("\"") && rest.indexOf('"', 1) == rest.length() - 1;
        String text = quoted ? rest.substring(1, rest.length() - 1) : rest;
        return new Arguments(options, call.args(), text);
    }

    private static int blank(String text) {
        int end = 0;
        while (end < text.length() && !Character.isWhitespace(text.charAt(end))) {
            end++;
        }
        return end;
    }

    /** A dash and a letter; {@code -1} is a number. */
    private static boolean looksLikeOption(String word) {
        return word.matches("--?[A-Za-z].*");
    }

    private static Option named(String magic, String name, List<Option> known) {
        return known.stream()
                .filter(it -> it.names().contains(name))
                .findFirst()
                .orElseThrow(() -> {
                    List<String> names =
                            known.stream().flatMap(it -> it.names().stream()).toList();
                    return new UsageException("%%%s has no option %s. Closest: %s. %s"
                            .formatted(magic, name, String.join(", ", Closest.to(name, names, 3)), seeHelp(magic)));
                });
    }

    /** The sentence that ends a usage error. */
    static String seeHelp(String magic) {
        return "See %" + magic + " --help.";
    }

    /** Whether a switch was given. */
    public boolean has(Option option) {
        return options.containsKey(option);
    }

    /** The value of an option, if it was given. */
    public Optional<String> value(Option option) {
        return Optional.ofNullable(options.get(option));
    }

    /**
     * The value of an option as a whole number.
     *
     * @throws UsageException if it is none
     */
    public int integer(Option option, int otherwise) {
        return value(option).map(it -> wholeNumber(option.written(), it)).orElse(otherwise);
    }

    /**
     * A word as a whole number.
     *
     * @param what it stands for, for the message
     * @throws UsageException if it is none
     */
    public static int wholeNumber(String what, String word) {
        try {
            return Integer.parseInt(word);
        } catch (NumberFormatException e) {
            throw new UsageException("%s must be a whole number, not \"%s\".".formatted(what, word));
        }
    }
}
