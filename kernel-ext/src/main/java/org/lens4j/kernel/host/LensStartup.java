package org.lens4j.kernel.host;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;
import org.lens4j.kernel.display.Canvases;
import org.lens4j.kernel.display.LensDisplays;
import org.lens4j.kernel.display.ProgressBar;
import org.lens4j.kernel.display.WorkBars;
import org.lens4j.kernel.magic.Command;
import org.lens4j.kernel.magic.Host;
import org.lens4j.kernel.magic.HostCanvas;
import org.lens4j.kernel.magic.LensMagics;
import org.lens4j.kernel.session.LensSession;

/** What a notebook of Lens4J begins with: the variable {@code lens}, its magics, and the imports its cells need. */
public final class LensStartup {
    /** What a cell may name without importing it; {@code LensStartupTest} checks that no name means two things. */
    static final List<String> IMPORTS = List.of(
            // org.lens4j.hook has one too; in a cell it is the usual one.
            "java.util.Stack",
            "ai.djl.ndarray.*",
            "ai.djl.ndarray.index.*",
            "ai.djl.ndarray.types.*",
            "org.lens4j.*",
            "org.lens4j.analysis.*",
            "org.lens4j.analysis.attention.*",
            "org.lens4j.analysis.circuits.*",
            "org.lens4j.analysis.diff.*",
            "org.lens4j.analysis.logits.*",
            "org.lens4j.analysis.parity.*",
            "org.lens4j.analysis.patching.*",
            "org.lens4j.analysis.prompts.*",
            "org.lens4j.analysis.residual.*",
            "org.lens4j.cache.*",
            "org.lens4j.config.*",
            "org.lens4j.error.*",
            "org.lens4j.generate.*",
            "org.lens4j.harvest.*",
            "org.lens4j.hook.*",
            "org.lens4j.hub.*",
            "org.lens4j.kernel.display.ResultFile",
            "org.lens4j.kernel.session.*",
            "org.lens4j.load.*",
            "org.lens4j.model.*",
            "org.lens4j.process.*",
            "org.lens4j.tensor.*",
            "org.lens4j.text.*",
            "org.lens4j.train.*",
            "org.lens4j.train.english.SyntheticEnglish",
            "org.lens4j.train.features.*",
            "org.lens4j.train.lens.*",
            "org.lens4j.viz.*",
            "org.lens4j.weights.*");

    private LensStartup() {}

    /** A startup around a new session, that session, and bars for long work; the session is closed when the kernel ends. */
    record Made(Startup startup, LensSession lens, WorkBars bars) {}

    /** What the bundled kernel begins with: the session is its variable {@code lens}, and {@code bars} shows how far long work is. */
    public static Startup create() {
        Made made = make(List.of(
                ClassPathMagic.classpath(), ClassPathMagic.jars(), new MavenMagic(MavenRun.onPath()), new TimeMagic()));
        return made.startup()
                .with(LensSession.VARIABLE, LensSession.class.getName(), made.lens())
                .with(WorkBars.VARIABLE, WorkBars.class.getName(), made.bars());
    }

    /**
     * The same, without the variable.
     *
     * @param kernel magics that change the kernel itself
     */
    static Made make(List<Command> kernel) {
        // The session is made before the kernel it will run in.
        List<Host> host = new CopyOnWriteArrayList<>();
        Supplier<ProgressBar.Canvas> canvases = () -> host.stream()
                .findFirst()
                .<ProgressBar.Canvas>map(HostCanvas::new)
                .orElseGet(Canvases::none);
        WorkBars bars = new WorkBars(canvases);
        LensSession lens = new LensSession(bars.downloads(), bars.loads());
        Startup startup = Startup.plain(LensMagics.of(lens, kernel))
                .with(LensDisplays.standard())
                .with(new HookGlossary(lens));
        for (String name : IMPORTS) {
            startup = startup.withImport(name);
        }
        return new Made(startup.onOpen(host::add).onClose(lens::close), lens, bars);
    }
}
