package org.lens4j.kernel.magic;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.lens4j.kernel.session.LensSession;

/** All magics of a session, in the order one learns them. To add one, write its class and name it here. */
public final class LensMagics {
    private LensMagics() {}

    /** The table of magics that work on this session. */
    public static MagicTable of(LensSession lens) {
        return of(lens, List.of());
    }

    /**
     * The table of magics that work on this session, and on the kernel it is in.
     *
     * @param kernel what changes the kernel itself
     */
    public static MagicTable of(LensSession lens, List<Command> kernel) {
        // %help and %lsmagic show the table they are in.
        List<MagicTable> made = new ArrayList<>(1);
        List<Chapter> chapters = new ArrayList<>();
        Supplier<MagicTable> table = () -> made.get(0);
        chapters.addAll(List.of(
                Chapter.of(
                        "Models and prompts",
                        new LoadMagic(lens),
                        new PromptMagic(lens),
                        new TokensMagic(lens),
                        new ModelsMagic(lens),
                        new ConfigMagic(lens),
                        new UnloadMagic(lens)),
                Chapter.of(
                        "What the model says, and where it looks",
                        new NextMagic(lens),
                        new TokensViewMagic(lens),
                        new AttnMagic(lens),
                        new LogitLensMagic(lens),
                        new NeuronsMagic(lens)),
                Chapter.of(
                        "What causes the answer",
                        new DlaMagic(lens),
                        new PatchMagic(lens),
                        new AttributeMagic(lens),
                        new AblateMagic(lens),
                        new HeadsMagic(lens)),
                Chapter.of("Writing", new GenerateMagic(lens), new SteerMagic(lens)),
                Chapter.of(
                        "Activations",
                        new HooksMagic(lens),
                        new PlanMagic(lens),
                        new CacheMagic(lens),
                        new CachesMagic(lens),
                        new HarvestMagic(lens)),
                Chapter.of("Many prompts, many values", new PromptsMagic(lens), new SweepMagic(lens, table)),
                Chapter.of("Training", new TrainMagic(lens)),
                Chapter.of("The session", new ExportMagic(lens), new SeedMagic(lens), new MemMagic(lens)),
                new Chapter("The kernel", kernel),
                Chapter.of("This list", new HelpMagic(() -> chapters, table), new LsMagic(table))));
        Offers offers = new Offers(lens, table);
        MagicTable all = MagicTable.of(chapters.stream()
                .flatMap(it -> it.commands().stream())
                .map(it -> new CommandMagic(it, offers))
                .toList());
        made.add(all);
        return all;
    }
}
