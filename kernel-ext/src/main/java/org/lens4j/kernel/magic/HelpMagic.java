package org.lens4j.kernel.magic;

import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.lens4j.error.UsageException;

/** {@code %help [MAGIC]}: the usage of a magic, or where to begin and what there is. */
final class HelpMagic implements Command {
    private static final Usage USAGE = Usage.of(
                    "help", "[MAGIC]", "Explains a magic. Without a name, says where to begin and what there is.")
            .example("%help attn")
            .offering(Offer.Known.MAGICS);
    private static final String BEGINNING = """
            Lens4J: see inside a language model. Where to begin:

              %load demo
              %prompt When Mary and John went to the store, John gave a drink to
              %attn 1
              var x = lens.runWithCache("blocks.1.hook_resid_post");     and go on in Java

            """;
    private static final String GRAMMAR = """

            Every magic takes
              --help       prints how it is written; %help NAME does too
              --java       prints the Java call it stands for
              -o NAME      keeps its result in the Java variable NAME, as var NAME = %magic … does
              $NAME        anywhere in its line, or its text below: the Java variable NAME; a dollar sign is $$
              "a b"        one word with its blanks, as 'a b' is; for a text with quotes of one kind, take the other:
                           'say "no"'. A backslash is a backslash
            and those that read the prompt take -p "another prompt".""";

    private final Supplier<List<Chapter>> chapters;
    private final Supplier<MagicTable> table;

    HelpMagic(Supplier<List<Chapter>> chapters, Supplier<MagicTable> table) {
        this.chapters = chapters;
        this.table = table;
    }

    @Override
    public Usage usage() {
        return USAGE;
    }

    @Override
    public String java(Arguments arguments) {
        return "// %help only prints; it has no Java call.";
    }

    @Override
    public MagicResult run(Arguments arguments, Host host) {
        List<String> words = arguments.texts();
        if (words.size() > 1) {
            throw new UsageException(
                    "%%help explains one magic at a time, and was given %s.".formatted(arguments.words()));
        }
        return MagicResult.text(
                words.isEmpty()
                        ? BEGINNING + list() + GRAMMAR
                        : table.get().get(words.get(0).replaceFirst("^%+", "")).usage());
    }

    private String list() {
        return chapters.get().stream()
                .filter(it -> !it.commands().isEmpty())
                .map(chapter -> chapter.title() + "\n"
                        + chapter.commands().stream()
                                .map(it -> line(it.usage()))
                                .collect(Collectors.joining()))
                .collect(Collectors.joining("\n"));
    }

    private static String line(Usage usage) {
        String percent = usage.takes() == Usage.Takes.BODY ? "%%" : "%";
        return "  %-14s%s%n".formatted(percent + usage.name(), firstSentence(usage.summary()));
    }

    /** The list is to be read at a glance; the rest stands in the usage. */
    private static String firstSentence(String summary) {
        int end = summary.indexOf("; ");
        int stop = summary.indexOf(". ");
        int first = end < 0 ? stop : stop < 0 ? end : Math.min(end, stop);
        return first < 0 ? summary : summary.substring(0, first) + ".";
    }
}
