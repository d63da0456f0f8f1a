package org.lens4j.analysis.prompts;

import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.lens4j.error.RangeException;
import org.lens4j.model.HookedModel;

/**
 * Years that must be later: "The war lasted from the year 1732 to the year 17" is followed by 33 to 99 (Hanna et al., 2023).
 * The corrupted prompt begins in the year 01, behind which every year is later. Answers are all later years, wrong answers all
 * others. For tokenizers that write a year as two numbers of two digits. The words that are named: {@code YY} (the year's last
 * digits), {@code end}.
 *
 * @param nouns what lasted
 * @param firstCentury the first two digits of a year, 10 or more
 * @param lastCentury at least as great, 99 or less
 */
public record GreaterThan(List<String> nouns, int firstCentury, int lastCentury) implements PromptTask {
    /** Copies the list. */
    public GreaterThan {
        nouns = List.copyOf(nouns);
        if (firstCentury < 10 || lastCentury < firstCentury || lastCentury > 99) {
            throw new RangeException(
                    "Centuries %d to %d are no first digits of years. Give two of 10 to 99, the earlier first."
                            .formatted(firstCentury, lastCentury));
        }
    }

    /** Things that last, in years from 1102 to 1798. */
    public static GreaterThan standard() {
        return new GreaterThan(
                List.of(
                        "war",
                        "siege",
                        "famine",
                        "journey",
                        "alliance",
                        "reign",
                        "dynasty",
                        "dispute",
                        "drought",
                        "exile"),
                11,
                17);
    }

    @Override
    public String name() {
        return "greater than";
    }

    @Override
    public PromptPairs pairs(HookedModel model, int count, long seed) {
        return Drafts.pairs(
                this,
                model,
                count,
                seed,
                this::draft,
                "This task needs years that are two tokens of two digits, as GPT-2 writes most of them.");
    }

    private Draft draft(Random random) {
        String noun = Drafts.pick(random, nouns);
        int century = firstCentury + random.nextInt(lastCentury - firstCentury + 1);
        int year = 2 + random.nextInt(97);
        String start = "The %s lasted from the year %d".formatted(noun, century);
        String end = " to the year " + century;
        return new Draft(
                start + digits(year) + end,
                start + digits(1) + end,
                IntStream.range(year + 1, 100).mapToObj(GreaterThan::digits).toList(),
                IntStream.rangeClosed(0, year).mapToObj(GreaterThan::digits).toList(),
                // That the century is a token of its own is part of what is checked.
                Map.of("century", start.length(), "YY", start.length() + 2));
    }

    private static String digits(int year) {
        return year < 10 ? "0" + year : Integer.toString(year);
    }
}
