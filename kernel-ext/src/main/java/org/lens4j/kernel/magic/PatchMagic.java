package org.lens4j.kernel.magic;

import org.lens4j.analysis.patching.ActivationPatch;
import org.lens4j.analysis.patching.PatchQuestion;
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
            .with(MetricFlags.ALL)
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
        return PairFlags.java(
                arguments,
                made -> "ActivationPatch.of(%s)%s".formatted(made, arguments.has(NOISING) ? ".withNoising()" : ""),
                SiteFlags.java(arguments, USUAL));
    }

    @Override
    public String view(String value, Arguments arguments) {
        return PairFlags.view(value, arguments);
    }

    @Override
    public MagicResult run(Arguments arguments, Host host) {
        PatchSite site = SiteFlags.site(arguments, USUAL);
        PatchQuestion asked = PairFlags.asked(lens, arguments);
        PatchQuestion.Making making = (pairs, metrics) -> {
            ActivationPatch plain = ActivationPatch.of(lens.model(), pairs, metrics);
            return arguments.has(NOISING) ? plain.withNoising() : plain;
        };
        try (HostWork work = HostWork.begin(host, "patches", "")) {
            return PairFlags.shown(asked.patched(site, making, work.patches()), lens, arguments);
        }
    }
}
