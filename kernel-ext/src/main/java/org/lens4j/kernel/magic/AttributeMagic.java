package org.lens4j.kernel.magic;

import org.lens4j.analysis.patching.AttributionPatch;
import org.lens4j.analysis.patching.PatchQuestion;
import org.lens4j.analysis.patching.PatchResult;
import org.lens4j.analysis.patching.PatchSite;
import org.lens4j.kernel.session.LensSession;

/** {@code %attribute ANSWER WRONG --corrupted TEXT}: what {@code %patch} would find, estimated by a gradient. */
final class AttributeMagic implements Command {
    private static final Option STEPS = Option.value(
            "N",
            "integrates gradients in N steps between the two runs; better and slower (0: one gradient)",
            "--steps");
    private static final Usage USAGE = Usage.of(
                    "attribute",
                    AnswerWords.FORM,
                    "Estimates all patches of %patch at once by one gradient: attribution patching.")
            .example(
                    "%attribute \" Mary\" \" John\" --corrupted \"When Mary and John went to the store, Mary gave a drink to\" --what head_out")
            .with(PairFlags.ALL)
            .with(MetricFlags.ALL)
            .with(SiteFlags.ALL)
            .with(STEPS)
            .withPrompt();
    private static final PatchSite USUAL = PatchSite.residPre();

    private final LensSession lens;

    AttributeMagic(LensSession lens) {
        this.lens = lens;
    }

    @Override
    public Usage usage() {
        return USAGE;
    }

    @Override
    public String java(Arguments arguments) {
        String steps = arguments.has(STEPS) ? ".withSteps(" + arguments.javaInteger(STEPS, 0) + ")" : "";
        return PairFlags.java(
                arguments,
                made -> "AttributionPatch.of(%s)%s".formatted(made, steps),
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
        int steps = arguments.integer(STEPS, 0);
        try (HostWork work = HostWork.begin(host, "layers", "")) {
            PatchResult result = asked.patched(
                    site,
                    (pairs, metrics) ->
                            AttributionPatch.of(lens.model(), pairs, metrics).withSteps(steps),
                    work.patches());
            return PairFlags.shown(result, lens, arguments);
        }
    }
}
