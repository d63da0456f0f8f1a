package org.lens4j.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.lens4j.cache.ActivationCache;
import org.lens4j.cache.CacheWriter;
import org.lens4j.error.UsageException;
import org.lens4j.hook.HookCatalogue;
import org.lens4j.hook.HookName;
import org.lens4j.kernel.display.Bytes;
import org.lens4j.model.HookedEncoderDecoder;
import org.lens4j.model.HookedModel;
import org.lens4j.model.MetricText;
import org.lens4j.model.Run;
import org.lens4j.model.RunOptions;
import org.lens4j.tensor.Scope;
import org.lens4j.text.Tokens;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code lens cache}: runs a model and writes its activations to a file that any language reads. */
@Command(
        name = "cache",
        description = "Runs a model and writes its tokens, logits and activations to a safetensors file,"
                + " under TransformerLens's hook names.%n")
final class CacheVerb implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before anything is run
    private CommandSpec spec;

    @Mixin
    private ModelWords model = new ModelWords();

    @ArgGroup(multiplicity = "0..1")
    private TokenWords tokens = new TokenWords();

    @Option(
            names = "--decoder-tokens",
            paramLabel = "IDS",
            description = "What a model that reads one text and says another has said so far, as --tokens is written;"
                    + " its start token if not given.")
    private Optional<String> decoderTokens = Optional.empty();

    @Option(names = "--out", paramLabel = "FILE", required = true, description = "The .safetensors file to write.")
    private Path out = Path.of("");

    @Option(
            names = "--hooks",
            paramLabel = "GLOBS",
            defaultValue = "*",
            description = "Names of hook points, with * and ?, separated by commas; all that fire if not given.")
    private String hooks = "*";

    @Option(
            names = "--grad",
            paramLabel = "METRIC",
            description = "Write the gradient of a number at each of these points too, as NAME_grad:"
                    + " \"logit_diff(' Mary',' John')\", \"logit(' Mary')\", \"log_prob(' Mary')\" (words or token ids,"
                    + " last position of the first text) or loss.")
    private Optional<String> metric = Optional.empty();

    @Mixin
    private GateWords gates = new GateWords();

    CacheVerb() {}

    @Override
    public Integer call() {
        tokens.check();
        if (Files.isDirectory(out)) {
            throw new UsageException("--out %s is a directory. Name a file in it: --out %s"
                    .formatted(out, out.resolve("activations.safetensors")));
        }
        model.requireOutside(out);
        RunOptions plain = gates.options().withCached(globs("--hooks", hooks));
        Optional<MetricText> differentiated = metric.map(MetricText::parse);
        try (HookedModel loaded = model.load()) {
            requireOpen(loaded, plain);
            RunOptions options =
                    differentiated.map(it -> plain.withMetric(it.of(loaded))).orElse(plain);
            differentiated
                    .map(it -> it.notes(loaded))
                    .orElse(List.of())
                    .forEach(spec.commandLine().getErr()::println);
            Tokens input = tokens.of(loaded);
            Optional<Tokens> said = said(loaded, input);
            try (Run run = run(loaded, input, said, options)) {
                write(run, said);
            }
        }
        return Main.DONE;
    }

    /** What the decoder is fed; empty for models that have one stack. */
    private Optional<Tokens> said(HookedModel loaded, Tokens input) {
        if (loaded instanceof HookedEncoderDecoder two) {
            return Optional.of(decoderTokens
                    .map(it -> TokenWords.parse("--decoder-tokens", it))
                    .orElseGet(() -> two.startTokens(input.batch())));
        }
        if (decoderTokens.isPresent()) {
            throw new UsageException(
                    "--decoder-tokens is for models that read one text and say another, and %s has one stack. Leave it out."
                            .formatted(loaded.name()));
        }
        return Optional.empty();
    }

    private static Run run(HookedModel loaded, Tokens input, Optional<Tokens> said, RunOptions options) {
        return loaded instanceof HookedEncoderDecoder two
                ? two.run(input, said.orElseThrow(), options)
                : loaded.run(input, options);
    }

    /**
     * The globs of an option.
     *
     * @param option as it is written, for the message
     * @param words separated by commas
     */
    static List<String> globs(String option, String words) {
        List<String> globs = Arrays.stream(words.split(",", -1))
                .map(String::strip)
                .filter(it -> !it.isEmpty())
                .toList();
        if (globs.isEmpty()) {
            throw new UsageException(
                    "%s names no hook point. Write names or globs: %s 'blocks.*.hook_resid_post,hook_embed'"
                            .formatted(option, option));
        }
        return globs;
    }

    /** The library's own message names a Java call; here a word is needed. */
    static void requireOpen(HookedModel loaded, RunOptions options) {
        for (HookName name : loaded.hooks().picked(options.cached(), options.gates())) {
            if (!HookCatalogue.isOpen(name, options.gates())) {
                throw new UsageException("%s is off unless it is asked for: it costs extra memory.%s"
                        .formatted(
                                name,
                                name.point()
                                        .gate()
                                        .flatMap(GateWords::word)
                                        .map(it -> " Add " + it + ".")
                                        .orElse("")));
            }
        }
    }

    private static String written(ActivationCache cache) {
        long gradients = cache.names().stream()
                .filter(it -> it.endsWith(ActivationCache.GRADIENT))
                .count();
        String activations = "%d activations".formatted(cache.size() - gradients);
        return gradients == 0 ? activations : "%s with %d gradients".formatted(activations, gradients);
    }

    private void write(Run run, Optional<Tokens> said) {
        CacheWriter writer = CacheWriter.of(run.cache()).with("logits", run.logits());
        try (Scope scope = Scope.root()) {
            said.map(it -> writer.with(CacheWriter.DECODER_TOKENS, it.tensor(scope)))
                    .orElse(writer)
                    .write(out);
            Tokens fed = run.tokens();
            spec.commandLine()
                    .getOut()
                    .printf(
                            "%s: tokens [batch=%d pos=%d], logits and %s, %s%n",
                            out, fed.batch(), fed.pos(), written(run.cache()), Bytes.readable(Files.size(out)));
        } catch (IOException e) {
            throw new WriteException(out, "--out", e);
        }
    }
}
