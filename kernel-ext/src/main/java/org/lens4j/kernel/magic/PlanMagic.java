package org.lens4j.kernel.magic;

import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.lens4j.cache.CachePlan;
import org.lens4j.hook.Gate;
import org.lens4j.kernel.display.Renderings;
import org.lens4j.kernel.session.LensSession;
import org.lens4j.text.Tokens;

/** {@code %plan [NAME|GLOB…]}: what a run will keep and how much memory that takes, before anything runs. */
final class PlanMagic implements Command {
    private static final Option BATCH = Option.value("N", "for a batch of N texts (the prompt's: 1)", "--batch");
    private static final Option LENGTH = Option.value("N", "for texts of N tokens (the prompt's)", "--length");
    private static final Usage USAGE = Usage.of(
                    "plan",
                    "[NAME|GLOB…]",
                    "Says how much memory %cache would take, before anything is run; without a name, of all that fire.")
            .example("%plan blocks.*.attn.hook_pattern --length 64")
            .offering(Offer.Known.HOOKS)
            .with(BATCH, LENGTH)
            .withPrompt()
            .with(GateFlags.all());

    private final LensSession lens;

    PlanMagic(LensSession lens) {
        this.lens = lens;
    }

    @Override
    public Usage usage() {
        return USAGE;
    }

    private static List<String> globs(Arguments arguments) {
        return arguments.words().isEmpty() ? List.of("*") : arguments.texts();
    }

    @Override
    public String java(Arguments arguments) {
        String globs = arguments.words().isEmpty() ? "\"*\"" : arguments.javaWords();
        String gates = GateFlags.of(arguments).stream().map(it -> "Gate." + it).collect(Collectors.joining(", "));
        String pos = arguments.has(LENGTH) ? arguments.javaInteger(LENGTH, 1) : Prompted.java(arguments) + ".pos()";
        String batch = arguments.has(BATCH) || arguments.has(LENGTH)
                ? arguments.javaInteger(BATCH, 1)
                : Prompted.java(arguments) + ".batch()";
        return "CachePlan.of(lens.hooked().hooks(), List.of(%s), Set.of(%s), %s, %s)"
                .formatted(globs, gates, batch, pos);
    }

    @Override
    public MagicResult run(Arguments arguments, Host host) {
        Set<Gate> gates = GateFlags.of(arguments);
        GateFlags.requireOpen(lens.hooked().hooks(), arguments.texts(), gates);
        int pos;
        int batch;
        if (arguments.has(LENGTH)) {
            pos = Arguments.atLeastOne("--length", arguments.integer(LENGTH, 1));
            batch = 1;
        } else {
            Tokens tokens = Prompted.tokens(lens, arguments);
            pos = tokens.pos();
            batch = tokens.batch();
        }
        int texts = Arguments.atLeastOne("--batch", arguments.integer(BATCH, batch));
        CachePlan plan = CachePlan.of(lens.hooked().hooks(), globs(arguments), gates, texts, pos);
        return MagicResult.of(plan, Renderings.noted(host.displays().of(plan), tooLong(pos)));
    }

    /** That a run of so many positions is refused, if it is. */
    private List<String> tooLong(int pos) {
        int most = lens.hooked().config().nCtx();
        return pos <= most
                ? List.of()
                : List.of("%s reads at most %d tokens at a time (n_ctx): %%cache would refuse a text of %d."
                        .formatted(lens.hooked().name(), most, pos));
    }
}
