package org.lens4j.analysis.prompts;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.lens4j.error.UsageException;
import org.lens4j.model.HookedModel;
import org.lens4j.text.Tokenizer;

/**
 * Two people, one of whom gives something away: the answer is the other (Wang et al., 2022). Half of the prompts name the one
 * who receives first (ABBA), half the one who gives (BABA). The words that are named: {@code IO} who receives, {@code S1} and
 * {@code S2} the two places of who gives, {@code S1+1}, {@code end}.
 *
 * <pre>{@code
 * PromptPairs pairs = IndirectObjects.standard().pairs(model, 50, 1);
 * PromptPair pair = pairs.pairs().get(0);    // "When Mary and John went to the store, John gave a drink to"
 * pair.answer();                             // " Mary", and its id
 * }</pre>
 *
 * @param templates with the slots {@code {A}} and {@code {B}} (two names), {@code {S}} (who gives), {@code {P}} (a place),
 *     {@code {O}} (a thing); they end before the answer, and no name begins them
 * @param names candidates; those that are not one token are passed over
 * @param places for {@code {P}}
 * @param objects for {@code {O}}
 * @param corruption what the corrupted prompt has in place of who gives
 */
public record IndirectObjects(
        List<String> templates, List<String> names, List<String> places, List<String> objects, Corruption corruption)
        implements PromptTask {
    private static final String NEEDED = "Give other names with withNames(…), or take a model that knows some.";

    /** What stands where the clean prompt repeats who gives. */
    public enum Corruption {
        /** The other of the two: the right answer becomes the wrong one. */
        SWAPPED,
        /** Somebody who was not named: neither is told apart. */
        STRANGER
    }

    /** Copies the lists. */
    public IndirectObjects {
        templates = List.copyOf(templates);
        names = List.copyOf(names);
        places = List.copyOf(places);
        objects = List.copyOf(objects);
        for (String template : templates) {
            for (String slot : List.of("{A}", "{B}", "{S}")) {
                if (!template.contains(slot) || template.startsWith(slot) || template.endsWith(" ")) {
                    throw new UsageException(
                            "The template \"%s\" needs the slots {A}, {B} and {S}, none of them at its beginning, and must not end with a space."
                                    .formatted(template));
                }
            }
        }
    }

    /** Templates, names, places and things of everyday English; the other of the two in the corrupted prompt. */
    public static IndirectObjects standard() {
        return new IndirectObjects(
                """
                When {A} and {B} went to the {P}, {S} gave a {O} to
                When {A} and {B} were at the {P}, {S} gave a {O} to
                After {A} and {B} went to the {P}, {S} gave a {O} to
                While {A} and {B} were working at the {P}, {S} gave a {O} to
                Then, {A} and {B} went to the {P}. {S} gave a {O} to
                Then, {A} and {B} had a long talk at the {P}. {S} wanted to give a {O} to
                The friends {A} and {B} were at the {P}. {S} decided to give a {O} to
                Yesterday {A} and {B} went to the {P}. {S} handed a {O} to""".lines().toList(),
                words("""
                        Mary John Tom James Anna Peter Sarah David Emma Kate Paul Alice Simon Laura Daniel Adam Robert Henry
                        Martin George Jane Max Sam Ben Jack Michael Mark Sean Andrew Joseph Kevin Jason Rachel Lisa Amy"""),
                words("store park school market library beach station restaurant hospital museum hotel office"),
                words("drink ring book ball cake map letter flower key basket"),
                Corruption.SWAPPED);
    }

    private static List<String> words(String text) {
        return List.of(text.strip().split("\\s+", -1));
    }

    /** This with other templates. */
    public IndirectObjects withTemplates(String... others) {
        return new IndirectObjects(List.of(others), names, places, objects, corruption);
    }

    /** This with other names. */
    public IndirectObjects withNames(String... others) {
        return new IndirectObjects(templates, List.of(others), places, objects, corruption);
    }

    /** This with another corrupted prompt. */
    public IndirectObjects withCorruption(Corruption other) {
        return new IndirectObjects(templates, names, places, objects, other);
    }

    @Override
    public String name() {
        return "indirect objects";
    }

    @Override
    public PromptPairs pairs(HookedModel model, int count, long seed) {
        List<String> usable = names.stream()
                .filter(it -> isOneToken(model.tokenizer(), " " + it))
                .distinct()
                .toList();
        if (usable.size() < 3) {
            throw new UsageException("Of %d names %d are one token for %s, and three are needed: %s is %s. %s"
                    .formatted(
                            names.size(),
                            usable.size(),
                            model.name(),
                            names.isEmpty() ? "none" : names.get(0),
                            names.isEmpty()
                                    ? "given"
                                    : model.tokenizer()
                                            .strings(model.tokenizer().encode(" " + names.get(0))),
                            NEEDED));
        }
        return Drafts.pairs(this, model, count, seed, random -> draft(random, usable), NEEDED);
    }

    static boolean isOneToken(Tokenizer tokenizer, String text) {
        return tokenizer.encode(text).length == 1;
    }

    private Draft draft(Random random, List<String> usable) {
        String template = Drafts.pick(random, templates);
        String receiver = Drafts.pick(random, usable);
        String giver = Drafts.pickOther(random, usable, List.of(receiver));
        String stranger = Drafts.pickOther(random, usable, List.of(receiver, giver));
        boolean receiverFirst = random.nextBoolean();
        Map<String, String> clean = new LinkedHashMap<>();
        clean.put("A", receiverFirst ? receiver : giver);
        clean.put("B", receiverFirst ? giver : receiver);
        clean.put("S", giver);
        clean.put("P", Drafts.pick(random, places));
        clean.put("O", Drafts.pick(random, objects));
        Map<String, String> corrupted = new LinkedHashMap<>(clean);
        corrupted.put("S", corruption == Corruption.SWAPPED ? receiver : stranger);
        Draft.Filled filled = Draft.fill(template, slot -> clean.getOrDefault(slot, "{" + slot + "}"));
        Draft.Filled other = Draft.fill(template, slot -> corrupted.getOrDefault(slot, "{" + slot + "}"));
        int first = filled.ends().getOrDefault(receiverFirst ? "B" : "A", 0);
        int next = filled.text().indexOf(' ', first + 1);
        Map<String, Integer> ends = Map.of(
                "IO",
                filled.ends().getOrDefault(receiverFirst ? "A" : "B", 0),
                "S1",
                first,
                "S1+1",
                next < 0 ? first : next,
                "S2",
                filled.ends().getOrDefault("S", 0));
        return new Draft(filled.text(), other.text(), List.of(" " + receiver), List.of(" " + giver), ends);
    }
}
