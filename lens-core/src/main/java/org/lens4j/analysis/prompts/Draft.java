package org.lens4j.analysis.prompts;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A pair as text, before a tokenizer has seen it.
 *
 * @param clean the clean prompt
 * @param corrupted the corrupted one
 * @param answers right answers, each with its leading space if it has one
 * @param wrong wrong ones
 * @param ends where named words end in the clean prompt, in characters
 */
record Draft(String clean, String corrupted, List<String> answers, List<String> wrong, Map<String, Integer> ends) {
    private static final Pattern SLOT = Pattern.compile("\\{([A-Z]\\d?)}");

    Draft {
        answers = List.copyOf(answers);
        wrong = List.copyOf(wrong);
        ends = Map.copyOf(ends);
    }

    /** A text and where what was filled in ends, by slot; the first place of a slot that stands twice. */
    record Filled(String text, Map<String, Integer> ends) {}

    /**
     * Fills a template, {@code "When {A} and {B} went"}.
     *
     * @param filling what stands in a slot
     */
    static Filled fill(String template, Function<String, String> filling) {
        StringBuilder text = new StringBuilder();
        Map<String, Integer> ends = new LinkedHashMap<>();
        Matcher slot = SLOT.matcher(template);
        int done = 0;
        while (slot.find()) {
            text.append(template, done, slot.start()).append(filling.apply(slot.group(1)));
            ends.putIfAbsent(slot.group(1), text.length());
            done = slot.end();
        }
        text.append(template.substring(done));
        return new Filled(text.toString(), ends);
    }
}
