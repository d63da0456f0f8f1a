package org.lens4j.cli;

import java.util.Optional;
import org.lens4j.generate.Penalties;
import org.lens4j.generate.Sampler;
import org.lens4j.generate.SamplerChoice;
import picocli.CommandLine.Option;

/** How the next token is chosen. */
final class SamplerWords {
    @Option(
            names = "--temperature",
            paramLabel = "T",
            description =
                    "Draw tokens by chance: 1 as the model has it, less for the likelier ones; the likeliest token"
                            + " always if this is not given, or 0.")
    private Optional<Double> temperature = Optional.empty();

    @Option(names = "--top-k", paramLabel = "K", description = "Draw from the K likeliest tokens.")
    private Optional<Integer> topK = Optional.empty();

    @Option(
            names = "--top-p",
            paramLabel = "P",
            description = "Draw from the fewest tokens that together have this probability; of those --top-k leaves.")
    private Optional<Double> topP = Optional.empty();

    @Option(names = "--seed", paramLabel = "N", description = "Another seed draws other tokens; 0 if not given.")
    private Optional<Long> seed = Optional.empty();

    @Option(
            names = "--frequency-penalty",
            paramLabel = "X",
            description = "Take X from a token's logit for each time it occurred.")
    private double frequency;

    @Option(
            names = "--repetition-penalty",
            paramLabel = "X",
            defaultValue = "1",
            description = "Weaken the logits of tokens that occurred by this factor; 1 for not.")
    private double repetition = 1;

    SamplerWords() {}

    /**
     * What the words say.
     *
     * @throws org.lens4j.error.UsageException if they do not go together
     */
    Sampler sampler() {
        return new SamplerChoice(temperature, topK, topP, seed, new Penalties(frequency, repetition)).sampler();
    }
}
