package org.lens4j.kernel.magic;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.lens4j.error.Closest;
import org.lens4j.error.Shortened;
import org.lens4j.error.UnknownNameException;
import org.lens4j.error.UsageException;

/**
 * The arguments of one call: options, and the words that are none.
 *
 * @param magic the name of the magic, for messages
 * @param options each given option with its values in order; a switch has none
 * @param words in the order given
 * @param text what follows the options, as it was written, for magics that take a text
 * @param body the rest of the cell; empty for a line
 */
public record Arguments(
        String magic, Map<Option, List<Word>> options, List<Word> words, Word text, Optional<String> body) {
    /** What ends the options: everything behind it is words, or the text. */
    private static final String END = "--";

    /** A text and one of the options every magic has behind it. */
    private static final Pattern LAST = Pattern.compile("(.*\\S)\\s+(--java|--help|-o\\s+[\\p{L}_$][\\w$]*)");

    /** Copies. */
    public Arguments {
        options = Map.copyOf(options);
        words = List.copyOf(words);
    }

    /**
     * Reads a call.
     *
     * @param call what stood in the cell
     * @param usage how the magic is written
     * @param host whose variables {@code $name} stands for
     * @throws UsageException for an option the magic does not have, naming the closest, one that lacks its value, and one that
     *     is given twice
     * @throws UnknownNameException for a variable that is not there
     */
    static Arguments of(MagicCall call, Usage usage, Host host) {
        Reading reading = new Reading(call.name(), usage, host);
        return switch (usage.takes()) {
            case WORDS, BODY -> reading.words(call);
            case TEXT, TEXT_OR_BODY -> reading.text(call, false);
            case CODE_OR_BODY -> reading.text(call, true);
        };
    }

    /** The options found so far. */
    private static final class Reading {
        private final String magic;
        private final Usage usage;
        private final List<Option> known;
        private final Host host;
        private final Map<Option, List<Word>> options = new LinkedHashMap<>();

        Reading(String magic, Usage usage, Host host) {
            this.magic = magic;
            this.usage = usage;
            this.known = usage.all();
            this.host = host;
        }

        Arguments words(MagicCall call) {
            List<Word> words = new ArrayList<>();
            String rest = call.rest();
            boolean open = true;
            for (Optional<MagicLine.Cut> next = cut(rest); next.isPresent(); next = cut(rest)) {
                String word = next.get().word();
                rest = next.get().rest();
                if (open && word.equals(END)) {
                    open = false;
                } else if (open && looksLikeOption(word)) {
                    rest = option(word, rest);
                } else {
                    words.add(Word.of(word, host));
                }
            }
            return new Arguments(magic, options, words, Word.plain(""), call.body());
        }

        /**
         * Options before the text count, and behind it those every magic has; the rest is left as it is. Of code nothing is
         * taken from its end, and a dollar sign in it is a dollar sign.
         */
        Arguments text(MagicCall call, boolean code) {
            String rest = call.rest();
            while (looksLikeOption(rest)) {
                MagicLine.Cut cut = cut(rest).orElseThrow();
                rest = option(cut.word(), cut.rest()).strip();
            }
            if (rest.equals(END) || rest.startsWith(END + " ")) {
                rest = rest.substring(END.length()).strip();
            } else if (!code) {
                rest = withoutLast(rest);
            }
            boolean quoted = rest.length() > 1 && rest.startsWith("\"") && rest.indexOf('"', 1) == rest.length() - 1;
            String line = quoted ? rest.substring(1, rest.length() - 1) : rest;
            String text = call.body().map(String::stripTrailing).orElse(line);
            return new Arguments(magic, options, List.of(), code ? Word.plain(text) : Word.of(text, host), call.body());
        }

        /** Takes the options from the end of a text. One that is to end so stands behind {@code --}. */
        private String withoutLast(String text) {
            String rest = text;
            for (Matcher last = LAST.matcher(rest); last.matches(); last = LAST.matcher(rest)) {
                MagicLine.Cut cut = MagicLine.cut(last.group(2)).orElseThrow();
                option(cut.word(), cut.rest());
                rest = last.group(1).strip();
            }
            return rest;
        }

        private Optional<MagicLine.Cut> cut(String rest) {
            Optional<MagicLine.Cut> cut = MagicLine.cut(rest);
            if (cut.filter(MagicLine.Cut::escapes).isPresent()) {
                throw new UsageException(
                        "%%%s: a backslash does not keep a quote inside quotes. Put quotes of the other kind around the text: 'say \"no\"'."
                                .formatted(magic));
            }
            return cut;
        }

        /** Takes an option, and gives what stands behind it and its value. */
        private String option(String word, String rest) {
            int equals = word.startsWith("--") ? word.indexOf('=') : -1;
            Option option = named(equals < 0 ? word : word.substring(0, equals));
            List<Word> values = options.computeIfAbsent(option, it -> new ArrayList<>());
            if (!option.takesValue()) {
                if (equals >= 0) {
                    throw new UsageException("%%%s: %s takes no value. Write %s alone."
                            .formatted(magic, option.written(), word.substring(0, equals)));
                }
                return rest;
            }
            Optional<MagicLine.Cut> next = equals < 0 ? cut(rest) : Optional.empty();
            if (equals < 0 && next.isEmpty()) {
                throw new UsageException(
                        "%%%s: %s needs a value, %s. %s".formatted(magic, word, option.value(), seeHelp(magic)));
            }
            values.add(Word.of(next.map(MagicLine.Cut::word).orElseGet(() -> word.substring(equals + 1)), host));
            if (values.size() > 1 && !option.repeats()) {
                throw new UsageException("%%%s: %s was given twice, as \"%s\" and as \"%s\". Give it once."
                        .formatted(magic, word, values.get(0), values.get(1)));
            }
            return next.map(MagicLine.Cut::rest).orElse(rest);
        }

        private Option named(String name) {
            return known.stream()
                    .filter(it -> it.names().contains(name))
                    .findFirst()
                    .orElseThrow(() -> {
                        List<String> names = known.stream()
                                .flatMap(it -> it.names().stream())
                                .toList();
                        return new UsageException("%%%s has no option %s. %sClosest: %s. %s"
                                .formatted(
                                        magic,
                                        name,
                                        usage.asWord(name),
                                        String.join(", ", Closest.to(name, names, 3)),
                                        seeHelp(magic)));
                    });
        }
    }

    /** A dash and a letter; {@code -1} is a number. */
    private static boolean looksLikeOption(String word) {
        return word.matches("(?s)--?[A-Za-z].*");
    }

    /** The sentence that ends a usage error. */
    static String seeHelp(String magic) {
        return "See %" + magic + " --help.";
    }

    /** Whether an option was given. */
    public boolean has(Option option) {
        return options.containsKey(option);
    }

    /** The value of an option, if it was given. */
    public Optional<Word> value(Option option) {
        return values(option).stream().findFirst();
    }

    /** All values of an option that may be given several times. */
    public List<Word> values(Option option) {
        return options.getOrDefault(option, List.of());
    }

    /** The words as texts. */
    public List<String> texts() {
        return words.stream().map(Word::text).toList();
    }

    /** The words as Java expressions, separated by commas. */
    String javaWords() {
        return words.stream().map(Word::java).collect(Collectors.joining(", "));
    }

    /** Refuses words, for a magic that takes options only. */
    void requireNoWords() {
        if (!words.isEmpty()) {
            boolean prompt = options.containsKey(Option.PROMPT);
            throw new UsageException("%%%s takes options only, and was given %s.%s %s"
                    .formatted(magic, words, prompt ? "" : " For another prompt write -p \"…\".", seeHelp(magic)));
        }
    }

    /**
     * The value of an option as a whole number.
     *
     * @throws UsageException if it is none
     */
    public int integer(Option option, int otherwise) {
        return value(option).map(it -> wholeNumber(option.written(), it.text())).orElse(otherwise);
    }

    /**
     * The value of an option as a large whole number.
     *
     * @throws UsageException if it is none
     */
    public long whole(Option option, long otherwise) {
        return value(option).map(it -> largeNumber(option.written(), it.text())).orElse(otherwise);
    }

    /**
     * The value of an option as a number.
     *
     * @throws UsageException if it is none
     */
    public double number(Option option, double otherwise) {
        return value(option)
                .map(it -> {
                    try {
                        return Double.parseDouble(it.text());
                    } catch (NumberFormatException e) {
                        throw new UsageException("%s must be a number, not \"%s\".".formatted(option.written(), it));
                    }
                })
                .orElse(otherwise);
    }

    /**
     * The value of an option that has a few words to choose from.
     *
     * @throws UnknownNameException if it is none of them; names the closest
     */
    public Optional<String> choice(Option option) {
        List<String> all = option.offer() instanceof Offer.OneOf few ? few.words() : List.of();
        return value(option).map(Word::text).map(chosen -> {
            if (!all.contains(chosen)) {
                throw UnknownNameException.of(
                        option.names().get(option.names().size() - 1),
                        chosen,
                        "%" + magic,
                        all,
                        "There are " + String.join(", ", all) + ".");
            }
            return chosen;
        });
    }

    /** An option's value as a Java expression of type int. */
    String javaInteger(Option option, int otherwise) {
        integer(option, otherwise);
        return value(option).map(Word::javaInteger).orElse(Integer.toString(otherwise));
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
            throw notWhole(what, word);
        }
    }

    /**
     * A word as a large whole number.
     *
     * @param what it stands for, for the message
     * @throws UsageException if it is none
     */
    static long largeNumber(String what, String word) {
        try {
            return Long.parseLong(word);
        } catch (NumberFormatException e) {
            throw notWhole(what, word);
        }
    }

    /**
     * A number of things.
     *
     * @param what it counts, for the message
     * @throws UsageException if it is less than 1
     */
    static int atLeastOne(String what, int number) {
        if (number < 1) {
            throw new UsageException("%s must be 1 or more, not %d.".formatted(what, number));
        }
        return number;
    }

    private static UsageException notWhole(String what, String word) {
        return new UsageException("%s must be a whole number, not \"%s\".".formatted(what, Shortened.of(word)));
    }
}
