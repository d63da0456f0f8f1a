package org.lens4j.cli;

import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.lens4j.analysis.Grid;
import org.lens4j.analysis.patching.ActivationPatch;
import org.lens4j.analysis.patching.AttributionPatch;
import org.lens4j.analysis.patching.MetricKind;
import org.lens4j.analysis.patching.PatchListener;
import org.lens4j.analysis.patching.PatchMetric;
import org.lens4j.analysis.patching.PatchPairs;
import org.lens4j.analysis.patching.PatchProgress;
import org.lens4j.analysis.patching.PatchQuestion;
import org.lens4j.analysis.patching.PatchResult;
import org.lens4j.analysis.patching.PatchSite;
import org.lens4j.analysis.patching.Patching;
import org.lens4j.error.UsageException;
import org.lens4j.kernel.display.ProgressBar;
import org.lens4j.model.HookedModel;
import org.lens4j.model.HookedTransformer;
import org.lens4j.viz.PatchView;
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

    @Mixin
    private PairWords pairs = new PairWords();

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
            defaultValue = "recovered",
            description = "logit_diff (answer less wrong), recovered (its share, 0 corrupted to 1 clean), logit, prob,"
                    + " log_prob, kl (to the clean run) or loss; recovered if not given. May be given several times.")
    private List<String> metrics = List.of("recovered");

    @Option(names = "--noising", description = "Put corrupted activations into the clean run.")
    private boolean noising;

    @Option(names = "--estimate", description = "Estimate all patches by one gradient: attribution patching.")
    private boolean estimate;

    @Mixin
    private GridWords output = new GridWords();

    PatchVerb() {}

    @Override
    public Integer call() {
        output.check(model);
        PatchSite site = PatchSite.named(what);
        List<MetricKind> kinds = MetricKind.named(metrics);
        pairs.check(kinds);
        if (estimate && noising) {
            throw new UsageException(
                    "--estimate takes the gradient at the corrupted run, and --noising patches the clean one. Leave one of the two out.");
        }
        try (HookedModel loaded = model.load()) {
            HookedTransformer transformer = ModelWords.decoder(loaded, "patch");
            PatchQuestion asked = pairs.of(transformer, kinds);
            // Written before the end, because the program that was asked to stop ends with it.
            try (CleanEnd end = CleanEnd.begin(spec.commandLine().getErr(), "The sweep was cut off, and is lost.")) {
                PatchResult result = result(transformer, asked, site, end);
                List<String> odd = pairs.notes(transformer);
                output.write(
                        spec.commandLine(),
                        PatchView.inFull(result, odd),
                        Stream.concat(result.notesInFull().stream(), odd.stream())
                                .toList(),
                        result.inFull().toArray(Grid[]::new));
                return result.isComplete() ? Main.DONE : Main.FAILED;
            }
        }
    }

    private PatchResult result(HookedTransformer loaded, PatchQuestion asked, PatchSite site, CleanEnd end) {
        try (ProgressBar bar = ProgressBar.of(
                "patches",
                OptionalLong.empty(),
                "",
                Downloading.canvas(spec.commandLine().getErr()))) {
            PatchListener listener = new PatchListener() {
                @Override
                public void at(PatchProgress progress) {
                    bar.at(progress.done(), OptionalLong.of(progress.of()));
                }

                @Override
                public boolean stops() {
                    return end.stops();
                }
            };
            return asked.patched(site, (some, measured) -> patching(loaded, some, measured), listener);
        }
    }

    private Patching patching(HookedTransformer loaded, PatchPairs some, PatchMetric... measured) {
        if (estimate) {
            return AttributionPatch.of(loaded, some, measured);
        }
        ActivationPatch plain = ActivationPatch.of(loaded, some, measured);
        return noising ? plain.withNoising() : plain;
    }
}
