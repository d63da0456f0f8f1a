package org.lens4j.kernel.magic;

import org.lens4j.analysis.patching.ActivationPatch;
import org.lens4j.analysis.patching.PatchMetric;
import org.lens4j.analysis.patching.PatchResult;
import org.lens4j.analysis.patching.PatchSite;
import org.lens4j.kernel.display.Renderings;
import org.lens4j.kernel.session.LensSession;
import org.lens4j.viz.PatchView;

/** {@code %patch ANSWER WRONG --corrupted TEXT}: which activation of the clean run brings a corrupted run's answer back. */
final class PatchMagic implements Command {
    private static final Option NOISING =
            Option.flag("the other way: puts corrupted activations into the clean run", "--noising");
    private static final Option EACH =
            Option.flag("shows each of several pairs beside the mean and its 95 % interval", "--each");
    private static final Usage USAGE = Usage.of(
                    "patch",
                    AnswerWords.FORM,
                    "Shows which activation of the prompt brings back the answer of a corrupted one: activation patching.")
            .example(
                    "%patch \" Mary\" \" John\" --corrupted \"When Mary and John went to the store, Mary gave a drink to\" --what head_out")
            .with(PairFlags.ALL)
            .with(MetricFlags.SEVERAL)
            .with(SiteFlags.ALL)
            .with(NOISING, EACH)
            .withPrompt();
    private static final PatchSite USUAL = PatchSite.residPre();

    private final LensSession lens;

    PatchMagic(LensSession lens) {
        this.lens = lens;
    }

    @Override
    public Usage usage() {
        return USAGE;
    }

    @Override
    public String java(Arguments arguments) {
        return "ActivationPatch.of(%s)%s.run(%s)"
                .formatted(
                        PairFlags.java(arguments),
                        arguments.has(NOISING) ? ".withNoising()" : "",
                        SiteFlags.java(arguments, USUAL));
    }

    private static boolean inFull(Arguments arguments) {
        return arguments.has(EACH) || MetricFlags.ofTwoRuns(arguments).size() > 1;
    }

    @Override
    public String view(String value, Arguments arguments) {
        return inFull(arguments) ? "PatchView.inFull(" + value + ")" : value;
    }

    @Override
    public MagicResult run(Arguments arguments, Host host) {
        PatchSite site = SiteFlags.site(arguments, USUAL);
        PairFlags.Asked asked = PairFlags.asked(lens, arguments);
        ActivationPatch plain =
                ActivationPatch.of(lens.model(), asked.pairs(), asked.metrics().toArray(PatchMetric[]::new));
        ActivationPatch patch = arguments.has(NOISING) ? plain.withNoising() : plain;
        try (HostWork work = HostWork.begin(host, "patches", "")) {
            PatchResult result = patch.withListener(work.patches()).run(site);
            return inFull(arguments)
                    ? MagicResult.of(result, Renderings.bundle(PatchView.inFull(result)))
                    : MagicResult.of(result);
        }
    }
}
