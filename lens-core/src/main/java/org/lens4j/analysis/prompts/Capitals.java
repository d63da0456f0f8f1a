package org.lens4j.analysis.prompts;

import java.util.List;
import java.util.Map;
import java.util.Random;
import org.lens4j.error.UsageException;
import org.lens4j.model.HookedModel;

/**
 * Capitals of countries: "The capital of France is" is followed by " Paris"; the corrupted prompt asks for another country's.
 * The words that are named: {@code subject} (the country's last token), {@code end}.
 *
 * @param templates with the slot {@code {X}}, which does not begin them; they end before the answer
 * @param capitals by country
 */
public record Capitals(List<String> templates, Map<String, String> capitals) implements PromptTask {
    /** Copies the collections. */
    public Capitals {
        templates = List.copyOf(templates);
        capitals = java.util.Collections.unmodifiableMap(new java.util.TreeMap<>(capitals));
        for (String template : templates) {
            if (!template.contains("{X}") || template.startsWith("{X}") || template.endsWith(" ")) {
                throw new UsageException(
                        "The template \"%s\" needs the slot {X}, not at its beginning, and must not end with a space."
                                .formatted(template));
            }
        }
    }

    /** Well-known countries, asked for in three ways. */
    public static Capitals standard() {
        return new Capitals(
                List.of("The capital of {X} is", "The capital city of {X} is", "The name of the capital of {X} is"),
                Map.ofEntries(
                        Map.entry("France", "Paris"),
                        Map.entry("Italy", "Rome"),
                        Map.entry("Spain", "Madrid"),
                        Map.entry("Germany", "Berlin"),
                        Map.entry("England", "London"),
                        Map.entry("Portugal", "Lisbon"),
                        Map.entry("Greece", "Athens"),
                        Map.entry("Egypt", "Cairo"),
                        Map.entry("Japan", "Tokyo"),
                        Map.entry("China", "Beijing"),
                        Map.entry("Russia", "Moscow"),
                        Map.entry("Norway", "Oslo"),
                        Map.entry("Poland", "Warsaw"),
                        Map.entry("Sweden", "Stockholm"),
                        Map.entry("Finland", "Helsinki"),
                        Map.entry("Denmark", "Copenhagen"),
                        Map.entry("Cuba", "Havana"),
                        Map.entry("Canada", "Ottawa"),
                        Map.entry("Austria", "Vienna"),
                        Map.entry("Ireland", "Dublin")));
    }

    /** This with other templates. */
    public Capitals withTemplates(String... others) {
        return new Capitals(List.of(others), capitals);
    }

    @Override
    public String name() {
        return "capitals";
    }

    @Override
    public PromptPairs pairs(HookedModel model, int count, long seed) {
        List<String> countries = capitals.entrySet().stream()
                .filter(it -> IndirectObjects.isOneToken(model.tokenizer(), " " + it.getValue()))
                .map(Map.Entry::getKey)
                .toList();
        String advice = "Take a model whose tokenizer has capitals as words.";
        if (countries.size() < 2) {
            throw new UsageException("Of %d capitals %d are one token for %s, and two are needed. %s"
                    .formatted(capitals.size(), countries.size(), model.name(), advice));
        }
        return Drafts.pairs(this, model, count, seed, random -> draft(random, countries), advice);
    }

    private Draft draft(Random random, List<String> countries) {
        String template = Drafts.pick(random, templates);
        String country = Drafts.pick(random, countries);
        String other = Drafts.pickOther(random, countries, List.of(country));
        Draft.Filled clean = Draft.fill(template, slot -> country);
        return new Draft(
                clean.text(),
                Draft.fill(template, slot -> other).text(),
                List.of(" " + capitals.getOrDefault(country, "")),
                List.of(" " + capitals.getOrDefault(other, "")),
                Map.of("subject", clean.ends().getOrDefault("X", 0)));
    }
}
