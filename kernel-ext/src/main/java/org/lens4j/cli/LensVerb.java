package org.lens4j.cli;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.lens4j.analysis.logits.LensNumber;
import org.lens4j.analysis.logits.LensOptions;
import org.lens4j.analysis.logits.LensReading;
import org.lens4j.analysis.logits.LogitLens;
import org.lens4j.error.UsageException;
import org.lens4j.model.HookedModel;
import org.lens4j.model.HookedTransformer;
import org.lens4j.text.Answer;
import org.lens4j.text.Tokens;
import org.lens4j.train.lens.TunedLens;
import org.lens4j.viz.GridText;
import org.lens4j.viz.LogitLensView;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code lens lens}: what a model would say if it stopped after each layer. */
@Command(
        name = "lens",
        description = "Reads the residual stream after every layer as next-token predictions, at every position.%n")
final class LensVerb implements Callable<Integer> {
    private static final int TOP = 1;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before anything is run
    private CommandSpec spec;

    @Mixin
    private ModelWords model = new ModelWords();

    @ArgGroup(multiplicity = "0..1")
    private TokenWords tokens = new TokenWords();

    @Option(
            names = "--what",
            paramLabel = "WHAT",
            defaultValue = "top",
            description =
                    "top (the likeliest tokens), probability (of the likeliest, or of --target), entropy, rank (of"
                            + " --target), kl (divergence from the final distribution) or loss; ${DEFAULT-VALUE} if not given.")
    private String what = "top";

    @Option(
            names = "--target",
            paramLabel = "TOKEN",
            description = "The token to follow, with its leading space: ' Mary'; an id for a model without tokenizer.")
    private Optional<String> target = Optional.empty();

    @Option(names = "--mid", description = "Read between attention and MLP too.")
    private boolean mid;

    @Option(names = "--top", paramLabel = "N", description = "Candidates to keep for each place; 5 if not given.")
    private Optional<Integer> top = Optional.empty();

    @Option(names = "--tuned", paramLabel = "FILE", description = "Read through a tuned lens saved as safetensors.")
    private Optional<Path> tuned = Optional.empty();

    @Mixin
    private GridWords output = new GridWords();

    LensVerb() {}

    @Override
    public Integer call() {
        tokens.check();
        output.check();
        output.files().forEach(model::requireOutside);
        LensNumber shown = LensNumber.named(what);
        if (shown == LensNumber.RANK && target.isEmpty()) {
            throw new UsageException("--what rank needs a token to follow: --target ' Mary'");
        }
        try (HookedModel loaded = model.load()) {
            if (!(loaded instanceof HookedTransformer reader)) {
                throw new UsageException(
                        "%s is no model that goes on with a text: the logit lens is for decoders of one stack, such as gpt2."
                                .formatted(loaded.name()));
            }
            Tokens input = tokens.of(reader);
            LensReading seen = LensReading.of(reader, input, options(reader, shown));
            show(reader, seen, shown);
        }
        return Main.DONE;
    }

    private LensOptions options(HookedTransformer reader, LensNumber shown) {
        LensOptions options =
                LensOptions.defaults().withTop(top.orElse(shown == LensNumber.TOP ? LogitLens.DEFAULT_TOP : TOP));
        options = mid ? options.withMiddles() : options;
        if (target.isPresent()) {
            options = options.withTarget(id(reader, target.get()));
        }
        if (tuned.isPresent()) {
            options = options.through(TunedLens.load(tuned.get(), reader.config()));
        }
        return options;
    }

    private static long id(HookedTransformer reader, String word) {
        return reader.hasTokenizer()
                ? reader.tokenizer().single(word)
                : TokenWords.parse("--target", word).ids(0).get(0);
    }

    private void show(HookedTransformer reader, LensReading seen, LensNumber shown) {
        List<String> notes = reader.hasTokenizer()
                ? target.flatMap(it -> Answer.of(reader.tokenizer(), it).note()).stream()
                        .toList()
                : List.of();
        if (shown == LensNumber.TOP) {
            output.write(
                    spec.commandLine(),
                    LogitLensView.of(seen.lens()),
                    new GridWords.Told(notes, Optional.of(likeliest(seen.lens()))),
                    seen.lens().probability());
        } else {
            output.write(spec.commandLine(), shown.of(seen), notes.toArray(String[]::new));
        }
    }

    /** The tokens whose probabilities are given, their own spaces and all. */
    private static GridText.Words likeliest(LogitLens lens) {
        return new GridText.Words(
                "Likeliest next token",
                lens.top().stream()
                        .flatMap(List::stream)
                        .map(candidates -> candidates.get(0).token())
                        .toList());
    }
}
