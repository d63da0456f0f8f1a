package org.lens4j.kernel.magic;

import org.lens4j.kernel.session.LensSession;

/** {@code %mem}: what the session holds, and what is left. */
final class MemMagic implements Command {
    private static final Usage USAGE = Usage.of(
            "mem",
            "",
            "Shows how much memory models and caches hold, and how much is free. %unload and %caches --drop free it.");

    private final LensSession lens;

    MemMagic(LensSession lens) {
        this.lens = lens;
    }

    @Override
    public Usage usage() {
        return USAGE;
    }

    @Override
    public String java(Arguments arguments) {
        arguments.requireNoWords();
        return "lens.memory()";
    }

    @Override
    public MagicResult run(Arguments arguments, Host host) {
        arguments.requireNoWords();
        return MagicResult.of(lens.memory());
    }
}
