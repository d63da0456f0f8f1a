package org.lens4j.cli;

import java.util.Optional;
import org.lens4j.error.UsageException;
import org.lens4j.generate.Penalties;
import org.lens4j.generate.Sampler;
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
     * @throws UsageException if they do not go together
     */
    Sampler sampler() {
        Penalties penalties = new Penalties(frequency, repetition);
        boolean draws = topK.isPresent() || topP.isPresent() || seed.isPresent();
        if (temperature.filter(it -> it == 0).isPresent() && draws) {
            throw new UsageException(
                    "--temperature 0 takes the likeliest token, so --top-k, --top-p and --seed have no use. Leave them out, or use a higher temperature.");
        }
        if (temperature.orElse(0.0) == 0 && !draws) {
            return Sampler.greedy().withPenalties(penalties);
        }
        Sampler.Chance chance = Sampler.temperature(temperature.orElse(1.0))
                .withPenalties(penalties)
                .withSeed(seed.orElse(0L));
        chance = topK.map(chance::withTopK).orElse(chance);
        return topP.map(chance::withTopP).orElse(chance);
    }
}
