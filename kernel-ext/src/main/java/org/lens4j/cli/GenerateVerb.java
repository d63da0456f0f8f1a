package org.lens4j.cli;

import java.io.PrintWriter;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.lens4j.analysis.Grid;
import org.lens4j.error.UsageException;
import org.lens4j.generate.GenerateListener;
import org.lens4j.generate.GenerateOptions;
import org.lens4j.generate.Generation;
import org.lens4j.generate.SteeringText;
import org.lens4j.generate.StopReason;
import org.lens4j.model.HookedEncoderDecoder;
import org.lens4j.model.HookedModel;
import org.lens4j.model.HookedTransformer;
import org.lens4j.text.Tokens;
import org.lens4j.viz.GridText;
import org.lens4j.viz.GridView;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code lens generate}: a model goes on with a text, token by token. */
@Command(name = "generate", description = "Goes on with a text and prints it as it is written.%n")
final class GenerateVerb implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before anything is run
    private CommandSpec spec;

    @Mixin
    private ModelWords model = new ModelWords();

    @ArgGroup(multiplicity = "0..1")
    private TokenWords tokens = new TokenWords();

    @Option(
            names = {"-n", "--max-new-tokens"},
            paramLabel = "N",
            defaultValue = "40",
            description = "Tokens to write at most; ${DEFAULT-VALUE} if not given.")
    private int maxNewTokens = 40;

    @Mixin
    private SamplerWords sampler = new SamplerWords();

    @Option(
            names = "--stop",
            paramLabel = "TEXT",
            description = "End before this text is written; \\n is a line break. May be given several times.")
    private List<String> stops = List.of();

    @Option(names = "--no-eos", description = "Go on behind the token that ends a text.")
    private boolean noEos;

    @Option(names = "--no-cache", description = "Read the whole text again for every token.")
    private boolean noCache;

    @Option(
            names = "--steer",
            paramLabel = "POINT:STRENGTH:MORE|LESS",
            description =
                    "Add a direction at a hook point in every step: the difference of two texts' activations at their"
                            + " last tokens, times a strength. May be given several times.")
    private List<String> steers = List.of();

    @Mixin
    private GridWords output = new GridWords();

    GenerateVerb() {}

    @Override
    public Integer call() {
        output.check(model);
        tokens.check();
        GenerateOptions options = options();
        List<SteeringText> wanted = steers.stream().map(SteeringText::parse).toList();
        try (HookedModel loaded = model.load()) {
            if (loaded instanceof HookedEncoderDecoder speaker) {
                say(speaker, options);
                return Main.DONE;
            }
            if (!(loaded instanceof HookedTransformer writer)) {
                throw new UsageException(
                        "%s is no model that writes: it reads a text as a whole. Name a decoder such as gpt2, or a model of two stacks such as google-t5/t5-small; lens info %s says what it is."
                                .formatted(loaded.name(), loaded.name()));
            }
            for (SteeringText each : wanted) {
                options = options.withSteering(each.of(writer));
            }
            print(writer, options);
        }
        return Main.DONE;
    }

    private GenerateOptions options() {
        GenerateOptions options = GenerateOptions.of(maxNewTokens)
                .withSampler(sampler.sampler())
                .withStop(stops.stream().map(it -> it.replace("\\n", "\n")).toArray(String[]::new));
        options = noEos ? options.withoutEnd() : options;
        return noCache ? options.withoutCache() : options;
    }

    private void print(HookedTransformer writer, GenerateOptions options) {
        PrintWriter out = spec.commandLine().getOut();
        Tokens prompt = tokens.of(writer);
        if (prompt.batch() > 1 || output.isAsked()) {
            Generation written = Generation.of(writer, prompt, options, GenerateListener.none());
            write(writer, written, row -> tokens.text().orElseGet(row::prompt) + line(writer.hasTokenizer(), row));
            return;
        }
        boolean texts = writer.hasTokenizer();
        out.print(tokens.text().orElseGet(() -> texts ? writer.tokenizer().decode(ids(prompt)) : prompt.text(0)));
        out.flush();
        Generation.of(writer, prompt, options, new Printing(out, texts));
        out.println();
    }

    /** What a model of two stacks says about the text, which is no beginning of it. */
    private void say(HookedEncoderDecoder speaker, GenerateOptions options) {
        if (!steers.isEmpty()) {
            throw new UsageException(
                    "%s has two stacks, and --steer is for decoders of one. Leave it out.".formatted(speaker.name()));
        }
        PrintWriter out = spec.commandLine().getOut();
        Tokens input = tokens.of(speaker);
        boolean texts = speaker.hasTokenizer();
        if (input.batch() > 1 || output.isAsked()) {
            Generation said = Generation.of(speaker, input, options, GenerateListener.none());
            write(speaker, said, row -> line(texts, row).strip());
            return;
        }
        Generation.of(speaker, input, options, new Printing(out, texts));
        out.println();
    }

    /** A line for each row; where a form of output is asked for, with how likely each token was that was written. */
    private void write(HookedModel writer, Generation written, Function<Generation.Row, String> line) {
        List<String> lines = written.rows().stream().map(line).toList();
        if (!output.isAsked()) {
            lines.forEach(spec.commandLine().getOut()::println);
            return;
        }
        Grid logProbs = written.logProbs();
        int steps = logProbs.axis("step").size();
        List<String> each = written.rows().stream()
                .flatMap(row -> IntStream.range(0, steps)
                        .mapToObj(step -> step < row.ids().size()
                                ? token(writer, row.ids().get(step))
                                : ""))
                .toList();
        output.write(
                spec.commandLine(),
                GridView.of(logProbs, lines),
                new GridWords.Told(lines, Optional.of(new GridText.Words("token", each))),
                logProbs);
    }

    private static String token(HookedModel writer, long id) {
        return writer.hasTokenizer() ? writer.tokenizer().decode(id) : Long.toString(id);
    }

    private static long[] ids(Tokens tokens) {
        return tokens.ids(0).stream().mapToLong(Long::longValue).toArray();
    }

    private static String line(boolean texts, Generation.Row row) {
        return texts
                ? row.text()
                : " "
                        + String.join(
                                " ", row.ids().stream().map(Object::toString).toList());
    }

    /** Prints one row as it grows; the ids of a model without a tokenizer. */
    private record Printing(PrintWriter out, boolean texts) implements GenerateListener {
        @Override
        public void token(Written token) {
            out.print(texts ? token.text() : " " + token.id());
            out.flush();
        }

        @Override
        public void ended(int row, String rest, StopReason reason) {
            out.print(rest);
            out.flush();
        }
    }
}
