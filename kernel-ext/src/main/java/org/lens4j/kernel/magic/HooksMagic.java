package org.lens4j.kernel.magic;

import java.util.List;
import org.lens4j.error.UsageException;
import org.lens4j.hook.HookName;
import org.lens4j.kernel.display.LensDisplays;
import org.lens4j.kernel.session.LensSession;

/** {@code %hooks [GLOB]}: the model's hook points. */
final class HooksMagic implements Command {
    private final LensSession lens;

    HooksMagic(LensSession lens) {
        this.lens = lens;
    }

    @Override
    public String name() {
        return "hooks";
    }

    @Override
    public String summary() {
        return "Lists the model's hook points in firing order, with axes and sizes; without a glob, those of the first block stand for all.";
    }

    @Override
    public String form() {
        return "[GLOB]";
    }

    @Override
    public String example() {
        return "%hooks blocks.1.attn.*";
    }

    @Override
    public String java(Arguments arguments) {
        return "lens.hooks(" + JavaText.literal(glob(arguments)) + ")";
    }

    private static String glob(Arguments arguments) {
        if (arguments.words().size() > 1) {
            throw new UsageException("%%hooks takes one glob, and %d words were given: %s. %s"
                    .formatted(arguments.words().size(), arguments.words(), Arguments.seeHelp("hooks")));
        }
        return arguments.words().isEmpty() ? "*" : arguments.words().get(0);
    }

    @Override
    public MagicResult run(Arguments arguments, Host host) {
        String glob = glob(arguments);
        List<HookName> found = lens.hooks(glob);
        int pos = lens.hasPrompt() ? lens.tokens().pos() : 1;
        String sizes = lens.hasPrompt() ? "for the prompt's %d tokens".formatted(pos) : "for each token";
        boolean all = glob.equals("*");
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
        return MagicResult.of(found, LensDisplays.hooks(listed, lens.hooked().hooks(), pos, title));
    }

    @Override
    public List<String> complete(List<String> words) {
        return HookWords.complete(lens, words);
    }
}
