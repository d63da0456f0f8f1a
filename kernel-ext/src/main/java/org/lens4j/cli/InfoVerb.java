package org.lens4j.cli;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import java.util.concurrent.Callable;
import org.lens4j.error.RangeException;
import org.lens4j.load.Pretrained;
import org.lens4j.model.HookedModel;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code lens info}: everything there is to know of a model before it runs. */
@Command(
        name = "info",
        description =
                "Loads a model and says what it is: its shape, its hook points, what caching takes, and how it was"
                        + " loaded.%n")
final class InfoVerb implements Callable<Integer> {
    private static final Gson JSON =
            new GsonBuilder().disableHtmlEscaping().serializeNulls().create();

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before anything is run
    private CommandSpec spec;

    @Mixin
    private ModelWords model = new ModelWords();

    @Option(
            names = "--tokens",
            paramLabel = "N",
            defaultValue = "10",
            description = "Sizes are for a text of so many tokens; ${DEFAULT-VALUE} if not given.")
    private int tokens;

    @Option(names = "--no-check", description = "Do not check the loaded model on the spot.")
    private boolean noCheck;

    @Option(names = "--json", description = "Print one line of JSON, with every hook point.")
    private boolean json;

    InfoVerb() {}

    @Override
    public Integer call() {
        Pretrained loaded = model.load(noCheck ? model.options().withoutCheck() : model.options());
        try (HookedModel it = loaded.hooked()) {
            if (tokens < 1 || tokens > it.config().nCtx()) {
                throw new RangeException("--tokens %d is no length of a text for %s. Use 1 to %d (n_ctx)."
                        .formatted(tokens, it.name(), it.config().nCtx()));
            }
            // Weights that stay in their file are not checked by a load; here the check is what was asked for.
            ModelInfo info = new ModelInfo(noCheck ? loaded : loaded.checked(), tokens);
            spec.commandLine().getOut().println(json ? JSON.toJson(info.json()) : info.text());
        }
        return Main.DONE;
    }
}
