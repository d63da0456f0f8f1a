package org.lens4j.cli;

import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.lens4j.error.UsageException;
import org.lens4j.load.LoadOptions;
import org.lens4j.load.LoadPlan;
import org.lens4j.load.Pretrained;
import org.lens4j.model.HookedModel;
import org.lens4j.model.HookedTransformer;
import org.lens4j.process.Processing;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Which model, and how it is loaded: what every verb that takes a model has in common. */
final class ModelWords {
    @Spec(Spec.Target.MIXEE)
    @SuppressWarnings("NullAway.Init") // picocli sets it before anything is run
    private CommandSpec spec;

    @Parameters(
            paramLabel = "MODEL",
            description = "demo, a directory, a checkpoint file, or a name on the Hugging Face hub.")
    private String model = "";

    @Option(names = "--no-processing", description = "Leave the weights as they are in the file.")
    private boolean noProcessing;

    @Option(
            names = "--without",
            paramLabel = "PASS",
            split = ",",
            description = "Leave out one rewrite of the weights, or several with commas between them.")
    private List<String> without = List.of();

    @Option(names = "--refactor", description = "Also write every head in its singular vectors.")
    private boolean refactor;

    @Option(
            names = "--as-config",
            paramLabel = "NAME|FILE",
            description = "Take the config.json of a model, or a file, for weights without one.")
    private Optional<String> asConfig = Optional.empty();

    @Option(
            names = "--family",
            paramLabel = "FILE",
            description = "Read an architecture this library does not know as FILE says.")
    private Optional<Path> family = Optional.empty();

    @Option(names = "--revision", paramLabel = "REV", description = "Branch, tag or commit of a model on the hub.")
    private Optional<String> revision = Optional.empty();

    @Option(names = "--offline", description = "Open no connection: the cache or nothing.")
    private boolean offline;

    @Option(names = "--refresh", description = "Ask the hub again though the model is in the cache.")
    private boolean refresh;

    ModelWords() {}

    /**
     * Refuses to write over a file of the model.
     *
     * @throws UsageException if the file is there and lies in the model's directory
     */
    void requireOutside(Path out) {
        requireOutside("--out", out);
    }

    /** {@link #requireOutside(Path)} of what another option names. */
    void requireOutside(String option, Path out) {
        Path written = out.toAbsolutePath().normalize();
        Path directory = Path.of(model).toAbsolutePath().normalize();
        if (Files.exists(written) && directory.equals(written.getParent())) {
            throw new UsageException(
                    "%s %s is a file of the model itself. Write to another place.".formatted(option, out));
        }
    }

    /** Whether raw weights were asked for. */
    boolean noProcessing() {
        return noProcessing;
    }

    /**
     * Loads it, with progress bars for what has to be downloaded and read. A check on the spot that fails is told on standard error.
     *
     * @return owned by the caller
     */
    HookedModel load() {
        Pretrained loaded = load(options());
        loaded.report().check().filter(it -> !it.passed()).ifPresent(it -> spec.commandLine()
                .getErr()
                .println("warning: the self-check of %s failed, so its numbers are not to be trusted. %s"
                        .formatted(loaded.report().name(), it.line())));
        return loaded.hooked();
    }

    /**
     * Loads it, with progress bars for what has to be downloaded and read, and with a report.
     *
     * @param options {@link #options()}, or those with something changed
     * @return its model is owned by the caller
     */
    Pretrained load(LoadOptions options) {
        PrintWriter err = spec.commandLine().getErr();
        try (Downloading downloading = Downloading.begin(err)) {
            LoadOptions told = options.withHub(options.hub().withProgress(downloading.progress()))
                    .announcing(plan -> announce(plan, err))
                    .listening(downloading.loads());
            return Pretrained.load(model, told);
        }
    }

    /** A load that takes a while, or may not fit, says so before it begins. */
    private static void announce(LoadPlan plan, PrintWriter err) {
        if (plan.isLarge()) {
            err.println(plan.line());
        }
    }

    /** How the words say it is to be loaded. */
    LoadOptions options() {
        LoadOptions options = LoadOptions.defaults();
        options = noProcessing ? options.noProcessing() : options;
        for (String pass : without) {
            options = options.without(Processing.Switch.named(pass.strip()));
        }
        options = refactor ? options.with(Processing.Switch.REFACTOR_FACTORED_ATTN_MATRICES) : options;
        options = asConfig.map(options::asConfig).orElse(options);
        options = family.map(options::withFamily).orElse(options);
        options = revision.map(options::withRevision).orElse(options);
        options = offline ? options.withOffline() : options;
        return refresh ? options.withRefresh() : options;
    }

    /**
     * The model, if it is one that says the next token.
     *
     * @param verb for the message
     * @throws UsageException if it is another
     */
    static HookedTransformer decoder(HookedModel loaded, String verb) {
        if (loaded instanceof HookedTransformer decoder) {
            return decoder;
        }
        throw new UsageException(
                "lens %s is for models that say the next token, and %s is a %s. Name a decoder, such as demo."
                        .formatted(verb, loaded.name(), loaded.config().family()));
    }
}
