package org.lens4j.kernel.magic;

import org.lens4j.kernel.session.LensSession;

/** {@code %config}: the shape of the current model. */
final class ConfigMagic implements Command {
    private static final Usage USAGE = Usage.of(
            "config",
            "",
            "Shows the configuration of the current model: sizes, positions, norms, attention, MLPs, tokens.");

    private final LensSession lens;

    ConfigMagic(LensSession lens) {
        this.lens = lens;
    }

    @Override
    public Usage usage() {
        return USAGE;
    }

    @Override
    public String java(Arguments arguments) {
        arguments.requireNoWords();
        return "lens.hooked().config()";
    }

    @Override
    public MagicResult run(Arguments arguments, Host host) {
        arguments.requireNoWords();
        return MagicResult.of(lens.hooked().config());
    }
}
