package io.github.spencerpark.ijava;

import io.github.spencerpark.jupyter.channels.JupyterConnection;
import io.github.spencerpark.jupyter.channels.JupyterSocket;
import io.github.spencerpark.jupyter.kernel.BaseKernel;
import io.github.spencerpark.jupyter.kernel.KernelConnectionProperties;
import io.github.spencerpark.jupyter.kernel.LanguageInfo;
import io.github.spencerpark.jupyter.kernel.display.DisplayData;
import io.github.spencerpark.jupyter.kernel.magic.registry.Magics;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.logging.Level;
import org.jspecify.annotations.Nullable;
import org.lens4j.kernel.host.StandInShell;

/** Stands in for IJava's kernel: its shape over the base library of IJava 1.3.0, and a process that speaks the protocol. */
public final class JavaKernel extends BaseKernel {
    private static final String STATICS =
            "public static <T> T lineMagic(String name, List<String> args) throws Exception { return io.github.spencerpark.ijava.IJava.getKernelInstance().getMagics().applyLineMagic(name, args); }\n"
                    + "public static <T> T cellMagic(String name, List<String> args, String body) throws Exception { return io.github.spencerpark.ijava.IJava.getKernelInstance().getMagics().applyCellMagic(name, args, body); }";

    private final MagicsSourceTransformer magicsTransformer = new MagicsSourceTransformer();
    private final Magics magics = new Magics();
    private final StandInShell shell = new StandInShell();

    JavaKernel() throws Exception {
        magics.registerLineMagic("classpath", args -> null);
        shell.eval("import java.util.*;");
        shell.eval(STATICS);
    }

    public Magics getMagics() {
        return magics;
    }

    public @Nullable Object evalRaw(String source) throws Exception {
        return shell.eval(magicsTransformer.transformMagics(source));
    }

    @Override
    public @Nullable DisplayData eval(String source) throws Exception {
        Object value = evalRaw(source);
        if (value == null) {
            return null;
        }
        return value instanceof DisplayData data ? data : getRenderer().render(value);
    }

    @Override
    public LanguageInfo getLanguageInfo() {
        return new LanguageInfo.Builder("Java").version("17").build();
    }

    /** Lists what JShell needs to find by name. */
    public static void main(String[] args) throws Exception {
        JupyterSocket.JUPYTER_LOGGER.setLevel(Level.WARNING);
        JupyterConnection connection =
                new JupyterConnection(KernelConnectionProperties.parse(Files.readString(Path.of(args[0]))));
        JavaKernel kernel = new JavaKernel();
        IJava.run(kernel);
        kernel.becomeHandlerForConnection(connection);
        connection.connect();
        connection.waitUntilClose();
        System.exit(0);
    }

    @Override
    public List<LanguageInfo.Help> getHelpLinks() {
        return List.of();
    }
}
