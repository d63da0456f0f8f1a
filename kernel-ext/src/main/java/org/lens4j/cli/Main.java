package org.lens4j.cli;

import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** What {@code ./lens} starts: hands the words after it to one of the verbs. */
@Command(
        name = "lens",
        synopsisSubcommandLabel = "VERB",
        description = "See inside a language model, from Java, in notebooks.%n",
        versionProvider = Main.Version.class,
        mixinStandardHelpOptions = true,
        scope = CommandLine.ScopeType.INHERIT,
        subcommands = {
            RunVerb.class,
            LabVerb.class,
            BenchVerb.class,
            InfoVerb.class,
            CacheVerb.class,
            GenerateVerb.class,
            LensVerb.class,
            HarvestVerb.class,
            PatchVerb.class,
            DlaVerb.class,
            HeadsVerb.class,
            NeuronsVerb.class,
            VerifyVerb.class,
            KernelVerb.class,
            TrainVerb.class
        },
        commandListHeading = "%nVerbs:%n",
        footer = {"", "lens VERB --help says more about a verb."})
public final class Main implements Runnable {
    /** All went well. */
    static final int DONE = 0;
    /** The work was begun and failed, for example a cell of a notebook. */
    static final int FAILED = 1;
    /** What was asked for cannot be done as it was written: a wrong word, a file that is not there. */
    static final int WRONG = 2;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before anything is run
    private CommandSpec spec;

    Main() {}

    /**
     * Runs a verb and ends the program with 0 (done), 1 (failed) or 2 (asked wrongly).
     *
     * @param words the verb and what follows it
     */
    public static void main(String[] words) {
        PrintWriter out = new PrintWriter(System.out, true, StandardCharsets.UTF_8);
        PrintWriter err = new PrintWriter(System.err, true, StandardCharsets.UTF_8);
        System.exit(run(out, err, words));
    }

    /** Runs a verb; what it prints goes to the two writers. */
    static int run(PrintWriter out, PrintWriter err, String... words) {
        return new CommandLine(new Main())
                .setOut(out)
                .setErr(err)
                .setParameterExceptionHandler(Mistakes::inWords)
                .setExecutionExceptionHandler(Mistakes::whileRunning)
                .execute(words);
    }

    @Override
    public void run() {
        throw new ParameterException(
                spec.commandLine(), "A verb is missing. Say what to do: lens run notebooks/01-first-look.ipynb");
    }

    /** What {@code --version} prints. */
    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() {
            String version = Main.class.getPackage().getImplementationVersion();
            return new String[] {
                "Lens4J %s on Java %s, %s %s"
                        .formatted(
                                version == null ? "(not packaged)" : version,
                                System.getProperty("java.version"),
                                System.getProperty("os.name"),
                                System.getProperty("os.arch"))
            };
        }
    }
}
