package org.lens4j.kernel.magic;

import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.lens4j.generate.GenerateOptions;
import org.lens4j.generate.Generation;
import org.lens4j.generate.Steering;
import org.lens4j.generate.SteeringText;
import org.lens4j.kernel.session.LensSession;
import org.lens4j.model.HookedEncoderDecoder;
import org.lens4j.text.Tokens;

/** {@code %generate}: the model goes on with the prompt. */
final class GenerateMagic implements Command {
    private static final int USUAL = 40;
    private static final Option MOST =
            Option.value("N", "writes N tokens at most (%d)".formatted(USUAL), "-n", "--max-new-tokens");
    private static final Option STOP = Option.value(
                    "TEXT", "ends before this text is written; \\n is a line break", "--stop")
            .repeated();
    private static final Option NO_EOS = Option.flag("goes on behind the token that ends a text", "--no-eos");
    private static final Option NO_CACHE = Option.flag("reads the whole text again for every token", "--no-cache");
    private static final Option STEER = Option.value(
                    "STEERING",
                    "adds a direction in every step: a variable with a Steering (see %steer), or POINT:STRENGTH:MORE|LESS",
                    "--steer")
            .repeated();
    private static final Usage USAGE = Usage.of(
                    "generate", "", "Goes on with the prompt, token by token, and shows the text as it is written.")
            .example("%generate -n 20 --temperature 0.8 --top-p 0.9")
            .with(MOST)
            .with(SamplerFlags.ALL)
            .with(STOP, NO_EOS, NO_CACHE, STEER)
            .withPrompt();

    private final LensSession lens;

    GenerateMagic(LensSession lens) {
        this.lens = lens;
    }

    @Override
    public Usage usage() {
        return USAGE;
    }

    @Override
    public String java(Arguments arguments) {
        arguments.requireNoWords();
        StringBuilder options = new StringBuilder("GenerateOptions.of(" + arguments.javaInteger(MOST, USUAL) + ")");
        options.append(SamplerFlags.java(arguments));
        if (arguments.has(STOP)) {
            options.append(".withStop(%s)"
                    .formatted(arguments.values(STOP).stream()
                            .map(it -> it.variable().isPresent() ? it.java() : JavaText.literal(stop(it)))
                            .collect(Collectors.joining(", "))));
        }
        options.append(arguments.has(NO_EOS) ? ".withoutEnd()" : "");
        options.append(arguments.has(NO_CACHE) ? ".withoutCache()" : "");
        arguments.values(STEER).forEach(it -> options.append(".withSteering(%s)".formatted(java(it))));
        boolean tokens = arguments
                .value(Option.PROMPT)
                .flatMap(it -> it.as(Tokens.class))
                .isPresent();
        String prompt = tokens
                ? Prompted.java(arguments)
                : arguments.value(Option.PROMPT).map(Word::java).orElse("lens.prompt()");
        return "Generation.of(%s, %s, %s%s)"
                .formatted(
                        speaker().isPresent() ? "lens.encoderDecoder()" : "lens.model()",
                        prompt,
                        options,
                        tokens ? ", GenerateListener.none()" : "");
    }

    private static String java(Word steering) {
        if (steering.as(Steering.class).isPresent()) {
            return steering.variable().orElseThrow().name();
        }
        SteeringText.parse(steering.text());
        return "SteeringText.parse(%s).of(lens.model())".formatted(steering.java());
    }

    private static String stop(Word word) {
        return word.text().replace("\\n", "\n");
    }

    private GenerateOptions options(Arguments arguments) {
        GenerateOptions options = GenerateOptions.of(arguments.integer(MOST, USUAL))
                .withSampler(SamplerFlags.sampler(lens, arguments))
                .withStop(
                        arguments.values(STOP).stream().map(GenerateMagic::stop).toArray(String[]::new));
        options = arguments.has(NO_EOS) ? options.withoutEnd() : options;
        options = arguments.has(NO_CACHE) ? options.withoutCache() : options;
        List<Word> steerings = arguments.values(STEER);
        for (Word each : steerings) {
            options = options.withSteering(each.as(Steering.class)
                    .orElseGet(() -> SteeringText.parse(each.text()).of(lens.model())));
        }
        return options;
    }

    @Override
    public MagicResult run(Arguments arguments, Host host) {
        arguments.requireNoWords();
        GenerateOptions options = options(arguments);
        Tokens prompt = Prompted.tokens(lens, arguments);
        Optional<HookedEncoderDecoder> speaker = speaker();
        if (speaker.isPresent()) {
            try (WritingInCell writing = new WritingInCell(host, "", System::nanoTime)) {
                return MagicResult.of(Generation.of(speaker.get(), prompt, options, writing));
            }
        }
        String before = lens.model().hasTokenizer() ? text(prompt) : "";
        try (WritingInCell writing = new WritingInCell(host, before, System::nanoTime)) {
            return MagicResult.of(Generation.of(lens.model(), prompt, options, writing));
        }
    }

    /** The current model, if it has two stacks. */
    private Optional<HookedEncoderDecoder> speaker() {
        return !lens.models().isEmpty() && lens.hooked() instanceof HookedEncoderDecoder two
                ? Optional.of(two)
                : Optional.empty();
    }

    private String text(Tokens prompt) {
        long[] ids = prompt.ids(0).stream().mapToLong(Long::longValue).toArray();
        return lens.model().tokenizer().decode(ids);
    }
}
