package org.lens4j.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.lens4j.kernel.host.KernelSpec;
import org.lens4j.kernel.host.SpecPlace;
import org.lens4j.kernel.host.Surroundings;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code lens kernel}: makes the kernel known to Jupyter, or forgets it. */
@Command(
        name = "kernel",
        synopsisSubcommandLabel = "(install | uninstall)",
        subcommands = {KernelVerb.Install.class, KernelVerb.Uninstall.class},
        description = "Makes the Java kernel known to Jupyter, or removes it from there.%n")
final class KernelVerb implements Runnable {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before anything is run
    private CommandSpec spec;

    KernelVerb() {}

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "Say what to do with the kernel: lens kernel install");
    }

    /** Where, at most one of three. */
    static final class Place {
        @Option(names = "--user", description = "For you, in every Jupyter (the default).")
        private boolean user;

        @Option(names = "--sys-prefix", description = "For the active Python environment.")
        private boolean sysPrefix;

        @Option(names = "--prefix", paramLabel = "DIR", description = "Under DIR/share/jupyter.")
        private Optional<Path> prefix = Optional.empty();

        Place() {}

        Path kernels() {
            SpecPlace named = prefix.map(SpecPlace::prefix).orElseGet(SpecPlace::sysPrefix);
            boolean forUser = user || !(sysPrefix || prefix.isPresent());
            SpecPlace place = forUser ? SpecPlace.user() : named;
            return place.kernels(Surroundings.here()).toAbsolutePath().normalize();
        }
    }

    /** {@code lens kernel install}. */
    @Command(name = "install", description = "Makes the kernel known to Jupyter.%n")
    static final class Install implements Callable<Integer> {
        @Spec
        @SuppressWarnings("NullAway.Init") // picocli sets it before anything is run
        private CommandSpec spec;

        @ArgGroup
        private Place place = new Place();

        Install() {}

        @Override
        public Integer call() throws IOException {
            Path directory = OurKernel.spec().install(place.kernels());
            spec.commandLine().getOut().printf("Kernel %s is installed in %s%n", KernelSpec.NAME, directory);
            return Main.DONE;
        }
    }

    /** {@code lens kernel uninstall}. */
    @Command(name = "uninstall", description = "Removes the kernel from Jupyter.%n")
    static final class Uninstall implements Callable<Integer> {
        @Spec
        @SuppressWarnings("NullAway.Init") // picocli sets it before anything is run
        private CommandSpec spec;

        @ArgGroup
        private Place place = new Place();

        Uninstall() {}

        @Override
        public Integer call() throws IOException {
            Path kernels = place.kernels();
            if (KernelSpec.uninstall(kernels)) {
                spec.commandLine().getOut().printf("Kernel %s is removed from %s%n", KernelSpec.NAME, kernels);
                return Main.DONE;
            }
            spec.commandLine()
                    .getErr()
                    .printf(
                            "There is no kernel %s in %s. Say where it is with --user, --sys-prefix or --prefix DIR; jupyter kernelspec list shows it.%n",
                            KernelSpec.NAME, kernels);
            return Main.WRONG;
        }
    }
}
