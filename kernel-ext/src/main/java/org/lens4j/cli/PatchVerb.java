package org.lens4j.cli;

import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import org.lens4j.analysis.patching.ActivationPatch;
import org.lens4j.analysis.patching.AttributionPatch;
import org.lens4j.analysis.patching.MetricKind;
import org.lens4j.analysis.patching.PatchMetric;
import org.lens4j.analysis.patching.PatchPairs;
import org.lens4j.analysis.patching.PatchResult;
import org.lens4j.analysis.patching.PatchSite;
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

    @Override
    public Integer call() {
        output.check();
        PatchSite site = PatchSite.named(what);
        MetricKind kind = MetricKind.named(metric);
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
            PatchMetric measured = kind.of(transformer, Optional.of(answer), Optional.of(wrong));
            PatchPairs pairs = PatchPairs.of(transformer.tokens(clean), transformer.tokens(corrupted));
            PatchResult result = result(transformer, pairs, measured, site);
            output.write(spec.commandLine(), result.grid(), result.notes().toArray(String[]::new));
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
}
