package org.lens4j.kernel.magic;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * How a magic is written. Data: {@code --help}, parsing, completion and the list of magics all come from here.
 *
 * <pre>{@code
 * Usage.of("attn", "LAYER[.HEAD]", "Shows where the heads of a layer look.")
 *         .example("%attn 1.3").offering(Offer.Known.HEADS).withPrompt()
 * }</pre>
 *
 * @param name the word, without percent signs
 * @param form what follows the options, for example {@code LAYER[.HEAD]}; {@code ""} if nothing does
 * @param summary what it does, one line
 * @param example one call as one would write it
 * @param takes how what follows is read
 * @param words what may stand as a word
 * @param options its own, besides those every magic has
 */
public record Usage(
        String name, String form, String summary, String example, Takes takes, Offer words, List<Option> options) {
    /** How the rest of the line, and of the cell, is read. */
    public enum Takes {
        /** Words, options among them. */
        WORDS,
        /** A text, left as it is; options stand before it, and those every magic has may stand behind it. */
        TEXT,
        /** A text on the line, or the rest of the cell: {@code %%name}. */
        TEXT_OR_BODY,
        /** Java on the line or in the rest of the cell, where a dollar sign is Java's. Options stand before it, and none behind. */
        CODE_OR_BODY,
        /** Words on the line and the rest of the cell: {@code %%name} only. */
        BODY
    }

    /** Copies the options. */
    public Usage {
        options = List.copyOf(options);
    }

    /** A magic that takes words. */
    public static Usage of(String name, String form, String summary) {
        return new Usage(name, form, summary, "%" + name, Takes.WORDS, new Offer.Anything(), List.of());
    }

    /** With this example. */
    public Usage example(String call) {
        return new Usage(name, form, summary, call, takes, words, options);
    }

    /** What follows is read so. */
    public Usage taking(Takes other) {
        return new Usage(name, form, summary, example, other, words, options);
    }

    /** Words are of this kind. */
    public Usage offering(Offer offer) {
        return new Usage(name, form, summary, example, takes, offer, options);
    }

    /** With these options too. */
    public Usage with(List<Option> more) {
        List<Option> all = new ArrayList<>(options);
        all.addAll(more);
        return new Usage(name, form, summary, example, takes, words, all);
    }

    /** With these options too. */
    public Usage with(Option... more) {
        return with(List.of(more));
    }

    /** It reads the session's prompt, so {@code -p} gives it another. */
    public Usage withPrompt() {
        return with(Option.PROMPT);
    }

    /** All options: its own, then those of every magic. */
    public List<Option> all() {
        List<Option> all = new ArrayList<>(options);
        all.addAll(List.of(Option.OUT, Option.JAVA, Option.HELP));
        return all;
    }

    /** Whether the rest of a cell may be its text. */
    public boolean takesBody() {
        return takes == Takes.TEXT_OR_BODY || takes == Takes.CODE_OR_BODY || takes == Takes.BODY;
    }

    /** A sentence that says how to write what is an option elsewhere and a word here; empty where it is no word either. */
    String asWord(String option) {
        String word = option.replaceAll("^-+|s$", "").toUpperCase(Locale.ROOT);
        boolean named = Arrays.asList(form.split("[^A-Z]+")).contains(word);
        boolean hook = words == Offer.Known.HOOKS && word.equals("HOOK");
        return named || hook ? "Write it as a word: %%%s %s, for example %s. ".formatted(name, form, example) : "";
    }

    /** What {@code --help} prints. */
    public String text() {
        StringBuilder text = new StringBuilder(takes == Takes.BODY ? "%%" : "%").append(name);
        options.forEach(it -> text.append(" [").append(it.written()).append(it.repeats() ? "]…" : "]"));
        if (!form.isEmpty()) {
            text.append(' ').append(form);
        }
        text.append("\n\n").append(summary).append("\n\n");
        all().forEach(it -> text.append("  %-22s %s%n".formatted(it.written(), it.meaning())));
        return text.append("\nExample: ").append(example).toString();
    }
}
