package org.lens4j.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.lens4j.error.UsageException;
import org.lens4j.kernel.client.KernelClient;
import org.lens4j.kernel.notebook.Notebook;
import org.lens4j.kernel.notebook.NotebookHtml;
import org.lens4j.kernel.notebook.NotebookRun;
import org.lens4j.kernel.notebook.NotebookRunner;
import org.lens4j.kernel.notebook.RunOptions;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code lens run}: runs a notebook in the bundled kernel and writes it executed, as a notebook and as a page. */
@Command(
        name = "run",
        description = "Runs a notebook in the bundled kernel and writes NAME.executed.ipynb and NAME.html.%n")
final class RunVerb implements Callable<Integer> {
    private static final Duration KERNEL_START = Duration.ofSeconds(60);

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before anything is run
    private CommandSpec spec;

    @Parameters(paramLabel = "NOTEBOOK", description = "The .ipynb to run; it is not changed.")
    private Path file = Path.of("");

    @Option(
            names = "--out",
            paramLabel = "DIR",
            description = "Where to write. Without it: target/run of the Maven project the notebook is in, or the"
                    + " folder lens-run beside the notebook.")
    private Optional<Path> out = Optional.empty();

    @Option(names = "--allow-errors", description = "Go on after a cell failed.")
    private boolean allowErrors;

    @Option(
            names = "--timeout",
            paramLabel = "S",
            defaultValue = "600",
            description = "Seconds one cell may take; ${DEFAULT-VALUE} if not given.")
    private int timeout;

    RunVerb() {}

    @Override
    public Integer call() throws IOException {
        if (timeout <= 0) {
            throw new UsageException(
                    "--timeout %d gives a cell no time. Use a number of seconds, 1 or more.".formatted(timeout));
        }
        Notebook notebook = Notebook.read(file);
        String language = notebook.language().orElse("java");
        if (!language.equals("java")) {
            throw new UsageException(
                    "%s is a notebook in %s; lens run runs Java notebooks. Run it with its own kernel: jupyter nbconvert --to html --execute %s"
                            .formatted(file, language, file));
        }
        RunFiles files = RunFiles.of(file, out);
        NotebookRun run = run(notebook);
        run.notebook().write(files.executed());
        NotebookHtml.write(run.notebook(), file, files.page());
        return report(run, files);
    }

    private NotebookRun run(Notebook notebook) throws IOException {
        RunOptions options = new RunOptions(allowErrors, Duration.ofSeconds(timeout));
        Path folder = RunFiles.folderOf(file);
        try (KernelClient kernel = KernelClient.start(OurKernel.spec().argv(), folder, Map.of(), KERNEL_START)) {
            PrintWriter progress = spec.commandLine().getErr();
            Notebook described = notebook.withLanguageInfo(kernel.kernelInfo());
            return new NotebookRunner(kernel::execute, options, progress).run(described);
        }
    }

    private int report(NotebookRun run, RunFiles files) {
        PrintWriter err = spec.commandLine().getErr();
        run.stop().ifPresent(stop -> {
            err.println();
            err.printf("Code cell %d of %d failed:%n", stop.codeCell(), run.codeCells());
            stop.source().lines().forEach(line -> err.println("    " + line));
            err.println(stop.reason());
            err.println();
        });
        PrintWriter stdout = spec.commandLine().getOut();
        String failed = run.failed() == 0 ? "" : ", %d of them with an error".formatted(run.failed());
        stdout.printf(
                "%s: ran %d of %d code cells in %.1f s%s%n  %s%n  %s%n",
                file.getFileName(),
                run.ran(),
                run.codeCells(),
                run.took().toMillis() / 1000.0,
                failed,
                files.executed(),
                files.page());
        return run.stop().isPresent() ? Main.FAILED : Main.DONE;
    }
}
