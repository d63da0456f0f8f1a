package org.lens4j.cli;

import java.io.PrintWriter;
import java.util.Optional;
import org.lens4j.hub.HubOptions;
import org.lens4j.hub.ModelFiles;
import org.lens4j.load.Pretrained;
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

    @Option(names = "--revision", paramLabel = "REV", description = "Branch, tag or commit of a model on the hub.")
    private Optional<String> revision = Optional.empty();

    @Option(names = "--offline", description = "Open no connection: the cache or nothing.")
    private boolean offline;

    @Option(names = "--refresh", description = "Ask the hub again though the model is in the cache.")
    private boolean refresh;

    ModelWords() {}

    /** The model as it was named. */
    String name() {
        return model;
    }

    /** Whether raw weights were asked for. */
    boolean noProcessing() {
        return noProcessing;
    }

    /**
     * Loads it, with a progress bar for what has to be downloaded.
     *
     * @return its model is owned by the caller
     */
    Pretrained load() {
        PrintWriter err = spec.commandLine().getErr();
        try (Downloading downloading = Downloading.begin(err)) {
            return Pretrained.load(ModelFiles.locate(model, hub().withProgress(downloading.progress())));
        }
    }

    private HubOptions hub() {
        HubOptions standard = HubOptions.defaults();
        HubOptions chosen = revision.map(standard::withRevision).orElse(standard);
        HubOptions online = refresh ? chosen.withRefresh() : chosen;
        return offline ? online.withOffline() : online;
    }
}
