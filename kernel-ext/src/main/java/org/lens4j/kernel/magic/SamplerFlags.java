package org.lens4j.kernel.magic;

import java.util.List;
import java.util.Optional;
import org.lens4j.error.UsageException;
import org.lens4j.generate.Penalties;
import org.lens4j.generate.Sampler;
import org.lens4j.generate.SamplerChoice;
import org.lens4j.kernel.session.LensSession;

/** How a magic that writes chooses tokens. */
final class SamplerFlags {
    private static final Option TEMPERATURE = Option.value(
            "T",
            "draws by chance: 1 as the model has it, less for the likelier tokens; 0 and none: the likeliest",
            "--temperature");
    private static final Option TOP_K = Option.value("K", "draws from the K likeliest tokens", "--top-k");
    private static final Option TOP_P =
            Option.value("P", "draws from the fewest tokens that together have this probability", "--top-p");
    private static final Option SEED = Option.value("N", "draws other tokens (the session's seed)", "--seed");
    private static final Option FREQUENCY =
            Option.value("X", "takes X from a token's logit for each time it occurred", "--frequency-penalty");
    private static final Option REPETITION =
            Option.value("X", "weakens the logits of tokens that occurred by this factor", "--repetition-penalty");

    static final List<Option> ALL = List.of(TEMPERATURE, TOP_K, TOP_P, SEED, FREQUENCY, REPETITION);

    private SamplerFlags() {}

    private static SamplerChoice choice(Arguments arguments) {
        return new SamplerChoice(
                number(arguments, TEMPERATURE),
                arguments.has(TOP_K) ? Optional.of(arguments.integer(TOP_K, 0)) : Optional.empty(),
                number(arguments, TOP_P),
                arguments.has(SEED) ? Optional.of(arguments.whole(SEED, 0)) : Optional.empty(),
                new Penalties(arguments.number(FREQUENCY, 0), arguments.number(REPETITION, 1)));
    }

    private static Optional<Double> number(Arguments arguments, Option option) {
        return arguments.has(option) ? Optional.of(arguments.number(option, 0)) : Optional.empty();
    }

    /**
     * The sampler the arguments ask for; a draw begins with the session's seed unless they give one.
     *
     * @throws UsageException if they do not go together
     */
    static Sampler sampler(LensSession lens, Arguments arguments) {
        Sampler sampler = choice(arguments).sampler();
        return sampler instanceof Sampler.Chance chance && !arguments.has(SEED)
                ? chance.withSeed(lens.seed())
                : sampler;
    }

    /** The call that sets it on options for writing; {@code ""} where it is what those begin with. */
    static String java(Arguments arguments) {
        Sampler sampler = choice(arguments).sampler();
        StringBuilder java = new StringBuilder();
        if (sampler instanceof Sampler.Chance) {
            java.append("Sampler.temperature(")
                    .append(arguments.value(TEMPERATURE).map(Word::javaDouble).orElse("1"))
                    .append(")");
            arguments.value(TOP_K).ifPresent(it -> java.append(".withTopK(%s)".formatted(it.javaInteger())));
            arguments.value(TOP_P).ifPresent(it -> java.append(".withTopP(%s)".formatted(it.javaDouble())));
            java.append(".withSeed(")
                    .append(arguments.value(SEED).map(Word::javaLong).orElse("lens.seed()"))
                    .append(")");
        } else {
            java.append("Sampler.greedy()");
        }
        if (arguments.has(FREQUENCY) || arguments.has(REPETITION)) {
            java.append(".withPenalties(new Penalties(%s, %s))"
                    .formatted(
                            arguments.value(FREQUENCY).map(Word::javaDouble).orElse("0"),
                            arguments.value(REPETITION).map(Word::javaDouble).orElse("1")));
        }
        return java.toString().equals("Sampler.greedy()") ? "" : ".withSampler(" + java + ")";
    }
}
