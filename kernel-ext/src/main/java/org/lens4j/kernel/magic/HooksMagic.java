package org.lens4j.kernel.magic;

import java.util.List;
import java.util.Optional;
import org.lens4j.error.UsageException;
import org.lens4j.hook.HookName;
import org.lens4j.kernel.display.LensDisplays;
import org.lens4j.kernel.session.LensSession;

/** {@code %hooks [GLOB]}: the model's hook points. */
final class HooksMagic implements Command {
    private static final Usage USAGE = Usage.of(
                    "hooks",
                    "[GLOB]",
                    "Lists the model's hook points in firing order, with axes and sizes; without a glob, those of the first block stand for all.")
            .example("%hooks blocks.1.attn.*")
            .offering(Offer.Known.HOOKS)
            .withPrompt();
    private static final Word ALL = Word.plain("*");

    private final LensSession lens;

    HooksMagic(LensSession lens) {
        this.lens = lens;
    }

    @Override
    public Usage usage() {
        return USAGE;
    }

    @Override
    public String java(Arguments arguments) {
        return "lens.hooks(" + glob(arguments).java() + ")";
    }

    private static Word glob(Arguments arguments) {
        if (arguments.words().size() > 1) {
            throw new UsageException("%%hooks takes one glob, and %d words were given: %s. %s"
                    .formatted(arguments.words().size(), arguments.words(), Arguments.seeHelp("hooks")));
        }
        return arguments.words().stream().findFirst().orElse(ALL);
    }

    /** How long a text the sizes are for. */
    private Optional<Integer> positions(Arguments arguments) {
        return lens.hasPrompt() || arguments.has(Option.PROMPT)
                ? Optional.of(Prompted.tokens(lens, arguments).pos())
                : Optional.empty();
    }

    @Override
    public MagicResult run(Arguments arguments, Host host) {
        String glob = glob(arguments).text();
        List<HookName> found = lens.hooks(glob);
        Optional<Integer> pos = positions(arguments);
        String sizes = pos.map("for the prompt's %d tokens"::formatted).orElse("for each token");
        boolean all = glob.equals(ALL.text());
        List<HookName> listed =
                all ? found.stream().filter(it -> it.layer() <= 0).toList() : found;
        String title = all
                ? "%d hook points of %s, sizes %s; the %d of block 0 stand for those of all %d blocks"
                        .formatted(
                                found.size(),
                                lens.hooked().name(),
                                sizes,
                                listed.stream().filter(it -> it.layer() == 0).count(),
                                lens.hooked().config().nLayers())
                : "%d hook points, sizes %s".formatted(found.size(), sizes);
        return MagicResult.of(found, LensDisplays.hooks(listed, lens.hooked().hooks(), pos.orElse(1), title));
    }
}
