package org.lens4j.kernel.magic;

import org.lens4j.error.UsageException;
import org.lens4j.kernel.display.MimeBundle;
import org.lens4j.kernel.session.LensSession;

/** {@code %seed [N]}: what magics that draw by chance begin with. */
final class SeedMagic implements Command {
    private static final Usage USAGE = Usage.of(
                    "seed",
                    "[N]",
                    "Sets the seed of magics that draw by chance, for all that give none of their own. Without a number, shows it.")
            .example("%seed 7");

    private final LensSession lens;

    SeedMagic(LensSession lens) {
        this.lens = lens;
    }

    @Override
    public Usage usage() {
        return USAGE;
    }

    private static void check(Arguments arguments) {
        if (arguments.words().size() > 1) {
            throw new UsageException("%%seed takes one whole number, and was given %s.".formatted(arguments.words()));
        }
        arguments.words().forEach(it -> Arguments.largeNumber("The seed", it.text()));
    }

    @Override
    public String java(Arguments arguments) {
        check(arguments);
        return arguments.words().isEmpty()
                ? "lens.seed()"
                : "lens.seed(%s).seed()".formatted(arguments.words().get(0).javaLong());
    }

    @Override
    public MagicResult run(Arguments arguments, Host host) {
        check(arguments);
        arguments.words().forEach(it -> lens.seed(Arguments.largeNumber("The seed", it.text())));
        return MagicResult.of(lens.seed(), MimeBundle.text("The seed of this session is %d.".formatted(lens.seed())));
    }
}
