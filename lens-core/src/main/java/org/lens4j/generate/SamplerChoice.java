package org.lens4j.generate;

import java.util.Optional;
import org.lens4j.error.UsageException;

/**
 * A sampler of which some things were said, on the command line or in a magic, and the rest was not.
 *
 * @param temperature 0 for the likeliest token always
 * @param topK how many tokens may be drawn
 * @param topP how much probability they have together
 * @param seed of the draws
 * @param penalties for tokens that occurred
 */
public record SamplerChoice(
        Optional<Double> temperature,
        Optional<Integer> topK,
        Optional<Double> topP,
        Optional<Long> seed,
        Penalties penalties) {
    /** Nothing said: the likeliest token always. */
    public static SamplerChoice none() {
        return new SamplerChoice(
                Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), Penalties.none());
    }

    /** Whether tokens are drawn by chance: a temperature above 0 was given, or what only a draw needs. */
    public boolean draws() {
        return temperature.map(it -> it != 0).orElse(topK.isPresent() || topP.isPresent() || seed.isPresent());
    }

    /**
     * The sampler. A draw has temperature 1 and seed 0 unless others were given.
     *
     * @throws UsageException if what was said does not go together
     */
    public Sampler sampler() {
        if (!draws()) {
            if (topK.isPresent() || topP.isPresent() || seed.isPresent()) {
                throw new UsageException(
                        "--temperature 0 takes the likeliest token, so --top-k, --top-p and --seed have no use. Leave them out, or use a higher temperature.");
            }
            return Sampler.greedy().withPenalties(penalties);
        }
        Sampler.Chance chance = Sampler.temperature(temperature.orElse(1.0))
                .withPenalties(penalties)
                .withSeed(seed.orElse(0L));
        chance = topK.map(chance::withTopK).orElse(chance);
        return topP.map(chance::withTopP).orElse(chance);
    }
}
