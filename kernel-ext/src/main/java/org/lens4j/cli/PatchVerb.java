package org.lens4j.cli;

import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import java.util.function.Function;
import java.util.stream.Stream;
import org.lens4j.analysis.patching.ActivationPatch;
import org.lens4j.analysis.patching.AttributionPatch;
import org.lens4j.analysis.patching.PatchMetric;
import org.lens4j.analysis.patching.PatchPairs;
import org.lens4j.analysis.patching.PatchResult;
import org.lens4j.analysis.patching.PatchScores;
import org.lens4j.analysis.patching.PatchSite;
import org.lens4j.error.UnknownNameException;
import org.lens4j.error.UsageException;
import org.lens4j.kernel.display.ProgressBar;
import org.lens4j.model.HookedModel;
import org.lens4j.model.HookedTransformer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code lens patch}: which activation of a clean run brings a corrupted run's answer back. */
@Command(
        name = "patch",
        description = "Puts activations of a clean prompt into the run of a corrupted one, one at a time, and says what"
                + " becomes of the answer.%n")
final class PatchVerb implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before anything is run
    private CommandSpec spec;

    @Mixin
    private ModelWords model = new ModelWords();

    @Option(names = "--clean", paramLabel = "TEXT", required = true, description = "The prompt with the right answer.")
    private String clean = "";

    @Option(
            names = "--corrupted",
            paramLabel = "TEXT",
            required = true,
            description = "A prompt of as many tokens with another answer.")
    private String corrupted = "";

    @Option(
            names = "--answer",
            paramLabel = "TOKEN",
            required = true,
            description = "What follows the clean prompt, one token, mostly with a space in front: ' Mary'.")
    private String answer = "";

    @Option(
            names = "--wrong",
            paramLabel = "TOKEN",
            required = true,
            description = "What follows the corrupted prompt: ' John'.")
    private String wrong = "";

    @Option(
            names = "--what",
            paramLabel = "PLACE",
            defaultValue = "resid_pre",
            description = "What is patched: resid_pre, resid_mid, attn_out, mlp_out, head_out, head_q, head_k, head_v,"
                    + " head_pattern, the same with _by_pos, …; resid_pre if not given.")
    private String what = "resid_pre";

    @Option(
            names = "--metric",
            paramLabel = "METRIC",
            defaultValue = "logit_diff",
            description = "logit_diff (answer less wrong), recovered (its share, 0 corrupted to 1 clean), logit, prob,"
                    + " log_prob, kl (to the clean run) or loss; logit_diff if not given.")
    private String metric = "logit_diff";

    @Option(names = "--noising", description = "Put corrupted activations into the clean run.")
    private boolean noising;

    @Option(names = "--estimate", description = "Estimate all patches by one gradient: attribution patching.")
    private boolean estimate;

    @Mixin
    private GridWords output = new GridWords();

    PatchVerb() {}

    /** How the metrics are called. */
    private enum Words {
        LOGIT_DIFF(ids -> PatchMetric.logitDifference(ids[0], ids[1])),
        RECOVERED(ids -> PatchMetric.recovered(PatchMetric.logitDifference(ids[0], ids[1]))),
        LOGIT(ids -> PatchMetric.logit(ids[0])),
        PROB(ids -> PatchMetric.probability(ids[0])),
        LOG_PROB(ids -> PatchMetric.logProb(ids[0])),
        KL(ids -> PatchMetric.klToClean()),
        LOSS(ids -> PatchMetric.loss());

        @SuppressWarnings("ImmutableEnumChecker") // the functions hold no state
        private final Function<long[], PatchMetric> made;

        Words(Function<long[], PatchMetric> made) {
            this.made = made;
        }

        private String word() {
            return name().toLowerCase(Locale.ROOT);
        }

        static Words of(String word) {
            List<String> all = Stream.of(values()).map(Words::word).toList();
            return Stream.of(values())
                    .filter(it -> it.word().equals(word))
                    .findFirst()
                    .orElseThrow(() -> UnknownNameException.of(
                            "metric", word, "lens patch", all, "There are " + String.join(", ", all) + "."));
        }
    }

    @Override
    public Integer call() {
        output.check();
        PatchSite site = PatchSite.named(what);
        Words words = Words.of(metric);
        if (estimate && noising) {
            throw new UsageException(
                    "--estimate takes the gradient at the corrupted run, and --noising patches the clean one. Leave one of the two out.");
        }
        try (HookedModel loaded = model.load()) {
            if (!(loaded instanceof HookedTransformer transformer)) {
                throw new UsageException(
                        "%s is no decoder, and patching restarts one from its residual stream. Use a model such as gpt2."
                                .formatted(loaded.name()));
            }
            long[] ids = {
                transformer.tokenizer().single(answer), transformer.tokenizer().single(wrong)
            };
            PatchPairs pairs = PatchPairs.of(transformer.tokens(clean), transformer.tokens(corrupted));
            PatchResult result = result(transformer, pairs, words.made.apply(ids), site);
            output.write(spec.commandLine(), result.grid(), notes(result));
            return result.isComplete() ? Main.DONE : Main.FAILED;
        }
    }

    private PatchResult result(HookedTransformer loaded, PatchPairs pairs, PatchMetric measured, PatchSite site) {
        if (estimate) {
            return AttributionPatch.of(loaded, pairs, measured).run(site);
        }
        ActivationPatch plain = ActivationPatch.of(loaded, pairs, measured);
        ActivationPatch patch = noising ? plain.withNoising() : plain;
        try (ProgressBar bar = ProgressBar.of(
                "patches",
                OptionalLong.empty(),
                "",
                Downloading.canvas(spec.commandLine().getErr()))) {
            return patch.withListener(it -> bar.at(it.done(), OptionalLong.of(it.of())))
                    .run(site);
        }
    }

    private static String[] notes(PatchResult result) {
        PatchScores scores = result.scores().get(0);
        String baselines = "Without patches: clean %s, corrupted %s."
                .formatted(number(scores.cleanMean()), number(scores.corruptedMean()));
        return result.isComplete()
                ? new String[] {baselines}
                : new String[] {baselines, "Stopped after %s.".formatted(result.progress())};
    }

    private static String number(float value) {
        return String.format(Locale.ROOT, "%.4f", value);
    }
}
