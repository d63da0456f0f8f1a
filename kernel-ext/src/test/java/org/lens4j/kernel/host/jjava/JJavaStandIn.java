package org.lens4j.kernel.host.jjava;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.dflib.jjava.jupyter.channels.JupyterConnection;
import org.dflib.jjava.jupyter.kernel.BaseKernel;
import org.dflib.jjava.jupyter.kernel.BaseKernelBuilder;
import org.dflib.jjava.jupyter.kernel.BaseNotebookStatics;
import org.dflib.jjava.jupyter.kernel.KernelConnectionProperties;
import org.dflib.jjava.jupyter.kernel.LanguageInfo;
import org.dflib.jjava.jupyter.kernel.ReplacementOptions;
import org.dflib.jjava.jupyter.kernel.display.DisplayData;
import org.dflib.jjava.jupyter.kernel.magic.LineMagic;
import org.dflib.jjava.jupyter.kernel.magic.MagicParser;
import org.jspecify.annotations.Nullable;
import org.lens4j.kernel.host.StandInShell;

/** Stands in for JJava's kernel, which is not on Maven Central: its published base library over JShell, as a process. */
public final class JJavaStandIn extends BaseKernel {
    private final StandInShell shell = new StandInShell();

    private JJavaStandIn(Parts parts) throws Exception {
        super(
                "JJava",
                "stand-in",
                new LanguageInfo.Builder("Java").version("17").build(),
                List.of(),
                parts.history(),
                parts.io(),
                parts.comms(),
                parts.renderer(),
                parts.parser(),
                parts.registry(),
                true,
                parts.styler());
        LineMagic<@Nullable Object, JJavaStandIn> classpath = (kernel, args) -> {
            kernel.installDefaultExtensions();
            return null;
        };
        getMagicsRegistry().registerLineMagic("classpath", classpath);
        shell.eval("import java.util.*;");
        shell.eval("import static " + BaseNotebookStatics.class.getName() + ".*;");
    }

    /** The base library's own parts. */
    private static final class Parts extends BaseKernelBuilder<Parts, JJavaStandIn> {
        org.dflib.jjava.jupyter.kernel.@Nullable JupyterIO io() {
            return buildJupyterIO(buildJupyterIOEncoding());
        }

        org.dflib.jjava.jupyter.kernel.comm.CommManager comms() {
            return buildCommManager();
        }

        org.dflib.jjava.jupyter.kernel.display.Renderer renderer() {
            return buildRenderer();
        }

        MagicParser parser() {
            return new MagicParser("(?<=(?:^|=))\\s*%", "%%", buildMagicTranspiler());
        }

        org.dflib.jjava.jupyter.kernel.magic.MagicsRegistry registry() {
            return buildMagicsRegistry();
        }

        org.dflib.jjava.jupyter.kernel.util.StringStyler styler() {
            return buildErrorStyler();
        }

        org.dflib.jjava.jupyter.kernel.history.@Nullable HistoryManager history() {
            return buildHistoryManager();
        }

        @Override
        public JJavaStandIn build() {
            try {
                return new JJavaStandIn(this);
            } catch (Exception e) {
                throw new IllegalStateException("The stand-in cannot begin: " + e, e);
            }
        }
    }

    @Override
    public @Nullable Object evalRaw(String source) {
        try {
            return shell.eval(getMagicParser().resolveMagics(source));
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException(e.getMessage(), e);
        }
    }

    @Override
    public @Nullable DisplayData inspect(String code, int at, boolean extraDetail) {
        return null;
    }

    @Override
    public @Nullable ReplacementOptions complete(String code, int at) {
        return null;
    }

    @Override
    public String isComplete(String code) {
        return IS_COMPLETE_MAYBE;
    }

    /** Like JJava's, but that the class path is there already and its extensions wait for {@code %classpath}. */
    public static void main(String[] args) throws Exception {
        JupyterConnection connection =
                new JupyterConnection(KernelConnectionProperties.parse(Files.readString(Path.of(args[0]))));
        JJavaStandIn kernel = new Parts().build();
        kernel.installNotebookKernel();
        kernel.becomeHandlerForConnection(connection);
        connection.connect();
        connection.waitUntilClose();
        System.exit(0);
    }
}
