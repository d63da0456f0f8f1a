package org.lens4j.train.english;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** A sentence with slots, written {@code "When {A} and {B} went to the {P},"}.
 *
 * @param literals the text around the slots, one more than there are slots
 * @param slots one letter each */
record Template(List<String> literals, List<Character> slots) {
    private static final Pattern SLOT = Pattern.compile("\\{([A-Z])}");
    private static final Pattern WORD = Pattern.compile("[A-Za-z]+");

    /** What goes into the slots. */
    interface Filling {
        String of(char slot);
    }

    Template {
        literals = List.copyOf(literals);
        slots = List.copyOf(slots);
    }

    static Template of(String source) {
        List<String> literals = new ArrayList<>();
        List<Character> slots = new ArrayList<>();
        Matcher slot = SLOT.matcher(source);
        int end = 0;
        while (slot.find()) {
            literals.add(source.substring(end, slot.start()));
            slots.add(slot.group(1).charAt(0));
            end = slot.end();
        }
        literals.add(source.substring(end));
        return new Template(literals, slots);
    }

    /** One template per line. */
    static List<Template> lines(String source) {
        return source.lines().map(Template::of).toList();
    }

    /** The sentence with its slots filled. */
    String fill(Filling filling) {
        StringBuilder text = new StringBuilder(literals.get(0));
        for (int i = 0; i < slots.size(); i++) {
            text.append(filling.of(slots.get(i))).append(literals.get(i + 1));
        }
        return text.toString();
    }

    /** The words outside the slots. */
    Stream<String> words() {
        return literals.stream().flatMap(Template::words);
    }

    /** The words of a text, without spaces and punctuation. */
    static Stream<String> words(String text) {
        return WORD.matcher(text).results().map(MatchResult::group);
    }
}
