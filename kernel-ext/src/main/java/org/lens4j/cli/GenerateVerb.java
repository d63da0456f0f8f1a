package org.lens4j.cli;

import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.lens4j.error.UsageException;
import org.lens4j.generate.GenerateListener;
import org.lens4j.generate.GenerateOptions;
import org.lens4j.generate.Generation;
import org.lens4j.generate.Steering;
import org.lens4j.generate.StopReason;
import org.lens4j.model.HookedModel;
import org.lens4j.model.HookedTransformer;
import org.lens4j.text.Tokens;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code lens generate}: a model goes on with a text, token by token. */
@Command(name = "generate", description = "Goes on with a text and prints it as it is written.%n")
final class GenerateVerb implements Callable<Integer> {
    private static final Pattern STEER = Pattern.compile("([^:]+):([^:]+):(.*)\\|(.*)", Pattern.DOTALL);

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before anything is run
    private CommandSpec spec;

    @Mixin
    private ModelWords model = new ModelWords();

    @ArgGroup(multiplicity = "0..1")
    private TokenWords tokens = new TokenWords();

    @Option(
            names = "--max-new-tokens",
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

    GenerateVerb() {}

    @Override
    public Integer call() {
        tokens.check();
        GenerateOptions options = options();
        List<Steer> wanted = steers.stream().map(GenerateVerb::steer).toList();
        try (HookedModel loaded = model.load()) {
            if (!(loaded instanceof HookedTransformer writer)) {
                throw new UsageException(
                        "%s is no model that goes on with a text: generate is for decoders of one stack, such as gpt2."
                                .formatted(loaded.name()));
            }
            for (Steer each : wanted) {
                options = options.withSteering(Steering.between(writer, each.point, each.more, each.less)
                        .times(each.strength));
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

    /** What one {@code --steer} asks for. */
    private record Steer(String point, double strength, String more, String less) {}

    private static Steer steer(String words) {
        Matcher form = STEER.matcher(words);
        try {
            if (form.matches()) {
                return new Steer(
                        form.group(1).strip(), Double.parseDouble(form.group(2).strip()), form.group(3), form.group(4));
            }
        } catch (NumberFormatException e) {
            // Falls through to how it is written.
        }
        throw new UsageException(
                "--steer \"%s\" is not understood. Write a hook point, a strength and two texts: --steer 'blocks.2.hook_resid_pre:4:I am happy|I am sad'"
                        .formatted(words));
    }

    private void print(HookedTransformer writer, GenerateOptions options) {
        PrintWriter out = spec.commandLine().getOut();
        Tokens prompt = tokens.of(writer);
        if (prompt.batch() > 1) {
            Generation written = Generation.of(writer, prompt, options, GenerateListener.none());
            written.rows().forEach(row -> out.println(row.prompt() + line(writer, row)));
            return;
        }
        boolean texts = writer.hasTokenizer();
        out.print(tokens.text().orElseGet(() -> texts ? writer.tokenizer().decode(ids(prompt)) : prompt.text(0)));
        out.flush();
        Generation.of(writer, prompt, options, new Printing(out, texts));
        out.println();
    }

    private static long[] ids(Tokens tokens) {
        return tokens.ids(0).stream().mapToLong(Long::longValue).toArray();
    }

    private static String line(HookedTransformer writer, Generation.Row row) {
        return writer.hasTokenizer()
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
