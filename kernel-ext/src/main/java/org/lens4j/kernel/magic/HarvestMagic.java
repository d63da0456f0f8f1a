package org.lens4j.kernel.magic;

import java.io.IOException;
import org.lens4j.harvest.Harvest;
import org.lens4j.kernel.display.HarvestBar;
import org.lens4j.kernel.session.LensSession;

/** {@code %harvest NAME|GLOB…}: runs a corpus through the model into files of activations. */
final class HarvestMagic implements Command {
    private static final Usage USAGE = Usage.of(
                    "harvest",
                    "NAME|GLOB…",
                    "Runs a corpus through the model and writes a row of activations for each token; the same line goes on where it was stopped.")
            .example("%harvest blocks.1.hook_resid_post --in corpus.txt --out rows --dtype float16")
            .offering(Offer.Known.HOOKS)
            .with(HarvestFlags.ALL);

    private final LensSession lens;

    HarvestMagic(LensSession lens) {
        this.lens = lens;
    }

    @Override
    public Usage usage() {
        return USAGE;
    }

    @Override
    public String java(Arguments arguments) {
        return HarvestFlags.java(arguments);
    }

    @Override
    public MagicResult run(Arguments arguments, Host host) throws IOException {
        Harvest harvest =
                Harvest.of(lens.pretrained(), HarvestFlags.corpus(arguments), HarvestFlags.options(arguments));
        HarvestBar bar = new HarvestBar(new HostCanvas(host), host::interrupted);
        return MagicResult.of(harvest.into(HarvestFlags.out(arguments), bar));
    }
}
