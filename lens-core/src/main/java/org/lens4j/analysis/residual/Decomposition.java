package org.lens4j.analysis.residual;

import java.util.Locale;
import java.util.Set;
import org.lens4j.error.UsageException;

/** A way to take the residual stream apart. */
public enum Decomposition {
    /** The stream itself before every block. TransformerLens: {@code accumulated_resid}. */
    ACCUMULATED(Set.of(Choice.MIDS, Choice.MLP_INPUT)),
    /** What embedding, attention and MLP of every layer write. TransformerLens: {@code decompose_resid}. */
    PARTS(Set.of(Choice.MLP_INPUT, Choice.PART, Choice.EMBEDS)),
    /** What every head writes. TransformerLens: {@code stack_head_results}. */
    HEADS(Set.of(Choice.REMAINDER)),
    /** What every neuron writes. TransformerLens: {@code stack_neuron_results}. */
    NEURONS(Set.of(Choice.REMAINDER, Choice.NEURONS)),
    /** Heads, neurons, embeddings and biases: all there is. TransformerLens: {@code get_full_resid_decomposition}. */
    FULL(Set.of(Choice.MLP_INPUT, Choice.EXPAND_NEURONS));

    /** An option that not every decomposition has; every one has layer, positions and layer norm. */
    enum Choice {
        MIDS("mids"),
        MLP_INPUT("mlpInput"),
        PART("part"),
        EMBEDS("embeds"),
        EXPAND_NEURONS("expandNeurons"),
        REMAINDER("remainder"),
        NEURONS("neurons");

        private final String word;

        Choice(String word) {
            this.word = word;
        }

        /** As {@link StackOptions} calls it. */
        String word() {
            return word;
        }
    }

    @SuppressWarnings("ImmutableEnumChecker") // Set.of is immutable
    private final Set<Choice> choices;

    Decomposition(Set<Choice> choices) {
        this.choices = choices;
    }

    /** Refuses an option that would do nothing. */
    void require(StackOptions options) {
        for (Choice made : options.made()) {
            if (!choices.contains(made)) {
                throw new UsageException("The option %s does nothing for %s. Leave it out; these do something: %s."
                        .formatted(
                                made.word(),
                                name().toLowerCase(Locale.ROOT),
                                String.join(
                                        ", ",
                                        choices.stream()
                                                .map(Choice::word)
                                                .sorted()
                                                .toList())));
            }
        }
    }
}
