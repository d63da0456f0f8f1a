package org.lens4j.analysis.prompts;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.lens4j.model.HookedModel;

/**
 * The next argument of a Python function's docstring (Heimersheim and Janiak, 2023): three arguments are defined, two of them
 * described, and the third is the answer. In the corrupted prompt the function has other arguments, so that nothing tells the
 * third. The words that are named: {@code A_def}, {@code B_def}, {@code C_def} (arguments where they are defined),
 * {@code A_doc}, {@code B_doc} (where they are described), {@code end}.
 *
 * @param arguments words for arguments; those that are not one token behind a space are passed over
 * @param fillers words for descriptions
 */
public record Docstrings(List<String> arguments, List<String> fillers) implements PromptTask {
    private static final int DRAWN = 6;

    /** Copies the lists. */
    public Docstrings {
        arguments = List.copyOf(arguments);
        fillers = List.copyOf(fillers);
    }

    /** Short words that many tokenizers have. */
    public static Docstrings standard() {
        String arguments =
                "load size files last page line code index key value name path mode text item list count label "
                        + "type result start end width color state point field order group";
        String fillers =
                "oil crime water light stone paper music garden winter market river bread horse ship tower cloud";
        return new Docstrings(List.of(arguments.split(" ", -1)), List.of(fillers.split(" ", -1)));
    }

    @Override
    public String name() {
        return "docstrings";
    }

    @Override
    public PromptPairs pairs(HookedModel model, int count, long seed) {
        List<String> usable = arguments.stream()
                .filter(it -> IndirectObjects.isOneToken(model.tokenizer(), " " + it))
                .distinct()
                .toList();
        String advice = "Give words that are one token: new Docstrings(arguments, fillers).";
        if (usable.size() < DRAWN) {
            throw new org.lens4j.error.UsageException(
                    "Of %d words for arguments %d are one token for %s, and %d are needed. %s"
                            .formatted(arguments.size(), usable.size(), model.name(), DRAWN, advice));
        }
        return Drafts.pairs(this, model, count, seed, random -> draft(random, usable), advice);
    }

    private Draft draft(Random random, List<String> usable) {
        List<String> drawn = new ArrayList<>(usable);
        Collections.shuffle(drawn, random);
        List<String> words = new ArrayList<>();
        for (int i = 0; i < DRAWN; i++) {
            words.add(Drafts.pick(random, fillers));
        }
        String definition = "def %s(self, {A}, {B}, {C}):\n".formatted(Drafts.pick(random, fillers));
        String doc = "    \"\"\"%s %s\n\n    :param {D}: %s %s\n    :param {E}: %s %s\n    :param"
                .formatted(words.toArray());
        Draft.Filled clean = Draft.fill(definition + doc, slot -> drawn.get(argument(slot, 0)));
        Draft.Filled corrupted = Draft.fill(definition + doc, slot -> drawn.get(argument(slot, 3)));
        Map<String, Integer> ends = clean.ends();
        return new Draft(
                clean.text(),
                corrupted.text(),
                List.of(" " + drawn.get(2)),
                drawn.subList(0, DRAWN).stream()
                        .filter(it -> !it.equals(drawn.get(2)))
                        .map(it -> " " + it)
                        .toList(),
                Map.of(
                        "A_def", ends.getOrDefault("A", 0),
                        "B_def", ends.getOrDefault("B", 0),
                        "C_def", ends.getOrDefault("C", 0),
                        "A_doc", ends.getOrDefault("D", 0),
                        "B_doc", ends.getOrDefault("E", 0)));
    }

    /** Which word stands in a slot; those of the definition are others in the corrupted prompt. */
    private static int argument(String slot, int shift) {
        return switch (slot) {
            case "A" -> shift;
            case "B" -> shift + 1;
            case "C" -> shift + 2;
            case "D" -> 0;
            default -> 1;
        };
    }
}
