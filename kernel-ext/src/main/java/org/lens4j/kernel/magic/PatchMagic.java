package org.lens4j.kernel.magic;

import org.lens4j.analysis.patching.ActivationPatch;
import org.lens4j.analysis.patching.PatchMetric;
import org.lens4j.analysis.patching.PatchSite;
import org.lens4j.kernel.session.LensSession;

/** {@code %patch ANSWER WRONG --corrupted TEXT}: which activation of the clean run brings a corrupted run's answer back. */
final class PatchMagic implements Command {
    private static final Option NOISING =
            Option.flag("the other way: puts corrupted activations into the clean run", "--noising");
    private static final Usage USAGE = Usage.of(
                    "patch",
                    AnswerWords.FORM,
                    "Shows which activation of the prompt brings back the answer of a corrupted one: activation patching.")
            .example(
                    "%patch \" Mary\" \" John\" --corrupted \"When Mary and John went to the store, Mary gave a drink to\" --what head_out")
            .with(PairFlags.ALL)
            .with(SiteFlags.ALL)
            .with(NOISING)
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

    @Override
    public MagicResult run(Arguments arguments, Host host) {
        PatchSite site = SiteFlags.site(arguments, USUAL);
        PatchMetric metric = PairFlags.metric(lens, arguments);
        ActivationPatch plain = ActivationPatch.of(lens.model(), PairFlags.pairs(lens, arguments), metric);
        ActivationPatch patch = arguments.has(NOISING) ? plain.withNoising() : plain;
        try (HostWork work = HostWork.begin(host, "patches", "")) {
            return MagicResult.of(patch.withListener(work.patches()).run(site));
        }
    }
}
