package org.lens4j.kernel.magic;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.lens4j.kernel.session.LensSession;

/** All magics of a session. To add one, write its class and name it here. */
public final class LensMagics {
    private LensMagics() {}

    /** The table of magics that work on this session. */
    public static MagicTable of(LensSession lens) {
        // %help and %lsmagic show the table they are in.
        List<MagicTable> made = new ArrayList<>(1);
        Supplier<MagicTable> table = () -> made.get(0);
        List<CommandMagic> magics = Stream.of(
                        new LoadMagic(lens),
                        new PromptMagic(lens),
                        new TokensMagic(lens),
                        new HooksMagic(lens),
                        new CacheMagic(lens),
                        new HarvestMagic(lens),
                        new AttnMagic(lens),
                        new LogitLensMagic(lens),
                        new NextMagic(lens),
                        new HelpMagic(table),
                        new LsMagic(table))
                .map(CommandMagic::new)
                .toList();
        MagicTable all = MagicTable.of(magics);
        made.add(all);
        return all;
    }
}
