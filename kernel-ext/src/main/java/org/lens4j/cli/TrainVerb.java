package org.lens4j.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.lens4j.Lens;
import org.lens4j.error.UnknownNameException;
import org.lens4j.model.HookedTransformer;
import org.lens4j.train.DemoModel;
import org.lens4j.train.DemoReport;
import org.lens4j.train.TrainConfig;
import org.lens4j.train.TrainProgress;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code lens train demo}: makes the embedded model again, and measures it. */
@Command(
        name = "train",
        description = "Trains the model inside the library again, from nothing, and says what it can do.%n")
final class TrainVerb implements Callable<Integer> {
    private static final int LINES = 40;
    private static final String DEMO = "demo";

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before anything is run
    private CommandSpec spec;

    @Parameters(paramLabel = "MODEL", description = "The model to train: demo.")
    private String model = "";

    @Option(
            names = "--out",
            paramLabel = "DIR",
            defaultValue = "target/demo",
            description = "Where to write the model; ${DEFAULT-VALUE} if not given.")
    private Path out = Path.of("");

    @Option(names = "--steps", paramLabel = "N", description = "Fewer steps for a quicker, worse model.")
    private Optional<Integer> steps = Optional.empty();

    @Option(names = "--seed", paramLabel = "N", description = "Another seed makes another model.")
    private Optional<Long> seed = Optional.empty();

    TrainVerb() {}

    @Override
    public Integer call() throws IOException {
        if (!model.equals(DEMO)) {
            throw UnknownNameException.of(
                    "model", model, "lens train", List.of(DEMO), "Only the model inside the library is trained here.");
        }
        TrainConfig config = config();
        PrintWriter progress = spec.commandLine().getErr();
        long start = System.nanoTime();
        DemoModel.train(out, config, it -> report(it, progress));
        double seconds = (System.nanoTime() - start) / 1e9;
        try (HookedTransformer trained = Lens.load(out.toAbsolutePath().toString())) {
            PrintWriter answer = spec.commandLine().getOut();
            answer.printf(
                    "%s%ntrained in %.0f s, written to %s%n%n",
                    trained, seconds, out.toAbsolutePath().normalize());
            answer.println(DemoReport.of(trained).table().strip());
        }
        return Main.DONE;
    }

    private TrainConfig config() {
        TrainConfig standard = DemoModel.config();
        TrainConfig stretched = steps.map(count -> {
                    if (count < 1) {
                        throw new ParameterException(
                                spec.commandLine(), "--steps %d trains nothing. Use 1 or more.".formatted(count));
                    }
                    return standard.withSteps(count);
                })
                .orElse(standard);
        return seed.map(stretched::withSeed).orElse(stretched);
    }

    private static void report(TrainProgress progress, PrintWriter to) {
        int every = Math.max(1, progress.steps() / LINES);
        if (progress.step() % every == 0 || progress.step() == progress.steps()) {
            to.println(progress.line());
        }
    }
}
