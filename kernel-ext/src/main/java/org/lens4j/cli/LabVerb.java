package org.lens4j.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.lens4j.kernel.host.KernelSpec;
import org.lens4j.kernel.host.SpecPlace;
import org.lens4j.kernel.host.Surroundings;
import org.lens4j.kernel.notebook.NotebookException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code lens lab}: opens Jupyter with the Java kernel in it. */
@Command(name = "lab", description = "Opens Jupyter, with the Java kernel installed for you if it is not yet.%n")
final class LabVerb implements Callable<Integer> {
    /** In the order of preference. */
    private static final List<List<String>> JUPYTERS =
            List.of(List.of("jupyter", "lab"), List.of("jupyter", "notebook"));

    private final Programs programs;
    private final Surroundings here;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before anything is run
    private CommandSpec spec;

    @Parameters(paramLabel = "NOTEBOOK", arity = "0..1", description = "What to open.")
    private Optional<Path> notebook = Optional.empty();

    LabVerb() {
        this(Programs.ofThisMachine(), Surroundings.here());
    }

    LabVerb(Programs programs, Surroundings here) {
        this.programs = programs;
        this.here = here;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (notebook.isPresent() && !Files.exists(notebook.get())) {
            throw new NotebookException(
                    "There is no notebook %s. Name an existing .ipynb file.".formatted(notebook.get()));
        }
        List<String> jupyter = JUPYTERS.stream()
                .filter(command -> programs.answers(withLast(command, "--version")))
                .findFirst()
                .orElseThrow(NoJupyterException::new);
        install();
        return programs.run(
                notebook.map(file -> withLast(jupyter, file.toString())).orElse(jupyter));
    }

    /** Installs the kernel unless just this one is there already. */
    private void install() throws IOException {
        KernelSpec kernel = OurKernel.spec();
        Path kernels = SpecPlace.user().kernels(here);
        Path present = kernels.resolve(KernelSpec.NAME).resolve("kernel.json");
        if (!Files.exists(present) || !Files.readString(present).equals(kernel.json())) {
            Path directory = kernel.install(kernels);
            spec.commandLine().getErr().printf("Kernel %s is installed in %s%n", KernelSpec.NAME, directory);
        }
    }

    private static List<String> withLast(List<String> words, String last) {
        List<String> longer = new ArrayList<>(words);
        longer.add(last);
        return longer;
    }
}
