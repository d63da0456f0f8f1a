package org.lens4j.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.lens4j.error.UsageException;
import org.lens4j.harvest.Corpus;
import org.lens4j.harvest.Harvest;
import org.lens4j.harvest.HarvestOptions;
import org.lens4j.harvest.Harvested;
import org.lens4j.harvest.Positions;
import org.lens4j.harvest.Precision;
import org.lens4j.hook.Gate;
import org.lens4j.load.Pretrained;
import org.lens4j.model.ComputeType;
import org.lens4j.model.HookedModel;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code lens harvest}: runs a corpus through a model into files of activations, and goes on where it was stopped. */
@Command(
        name = "harvest",
        description =
                "Runs a corpus through a model and writes a row of activations for each token, into safetensors files"
                        + " with an index of document, context, position and token.%nThe same command goes on where it was stopped"
                        + " or killed.%n")
final class HarvestVerb implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before anything is run
    private CommandSpec spec;

    @Mixin
    private ModelWords model = new ModelWords();

    @Option(
            names = {"--hook", "--hooks"},
            paramLabel = "GLOBS",
            required = true,
            description = "Names of hook points, with * and ?, separated by commas.")
    private String hooks = "";

    @Option(
            names = "--in",
            paramLabel = "FILE",
            required = true,
            description =
                    "The corpus: .jsonl (a JSON object with the text on each line) or plain text (a document on each"
                            + " line). UTF-8; blank lines are passed over.")
    private Path in = Path.of("");

    @Option(names = "--out", paramLabel = "DIR", required = true, description = "The folder to write into.")
    private Path out = Path.of("");

    @Option(
            names = "--field",
            paramLabel = "NAME",
            description = "The field of a .jsonl that holds the text; " + Corpus.TEXT + " if not given.")
    private Optional<String> field = Optional.empty();

    @Option(names = "--dtype", paramLabel = "TYPE", description = "float16 or float32; float32 if not given.")
    private Optional<String> dtype = Optional.empty();

    @Option(
            names = "--precision",
            paramLabel = "TYPE",
            description = "The type of the model's products: float32 or bf16, which is several times faster where the"
                    + " processor has AMX; float32 if not given. The residual stream is float32 in any case.")
    private Optional<String> compute = Optional.empty();

    @Option(
            names = "--batch",
            paramLabel = "N",
            description = "Contexts run at a time; " + HarvestOptions.USUAL_BATCH + " if not given.")
    private Optional<Integer> batch = Optional.empty();

    @Option(
            names = "--context",
            paramLabel = "N",
            description = "Tokens of a context at most, with those the model puts around it; "
                    + HarvestOptions.USUAL_CONTEXT + " if not given, or what the model reads if that is less.")
    private Optional<Integer> context = Optional.empty();

    @Option(
            names = "--positions",
            paramLabel = "WHICH",
            description = "Which tokens of each document become rows: all, last or sample:K; all if not given.")
    private Optional<String> positions = Optional.empty();

    @Option(names = "--seed", paramLabel = "N", description = "Another seed draws another sample; 0 if not given.")
    private Optional<Long> seed = Optional.empty();

    @Option(
            names = "--no-special",
            description = "Make no rows of what the model puts around a text: BOS, [CLS], [SEP].")
    private boolean noSpecial;

    @Option(names = "--limit", paramLabel = "TOKENS", description = "End with the context that reaches so many tokens.")
    private Optional<Long> limit = Optional.empty();

    @Option(
            names = "--shard-rows",
            paramLabel = "N",
            description = "Rows of each file; " + HarvestOptions.USUAL_SHARD_ROWS + " if not given.")
    private Optional<Integer> shardRows = Optional.empty();

    @Mixin
    private GateWords gates = new GateWords();

    HarvestVerb() {}

    @Override
    public Integer call() {
        if (Files.exists(out) && !Files.isDirectory(out)) {
            throw new UsageException("--out %s is a file, and a folder is needed. Name another.".formatted(out));
        }
        HarvestOptions options = options();
        Corpus plain = Corpus.of(in);
        Corpus corpus = field.map(plain::withField).orElse(plain);
        Pretrained loaded = model.load(model.options().withoutCheck());
        try (HookedModel open = loaded.hooked()) {
            CacheVerb.requireOpen(open, gates.options().withCached(options.hooks()));
            Harvested done = harvest(Harvest.of(loaded, corpus, options));
            return done.isComplete() ? Main.DONE : Main.FAILED;
        }
    }

    private Harvested harvest(Harvest harvest) {
        try (Harvesting harvesting =
                Harvesting.begin(spec.commandLine().getOut(), spec.commandLine().getErr())) {
            return harvesting.run(harvest, out);
        } catch (IOException e) {
            throw new WriteException(out, "--out", e);
        }
    }

    private HarvestOptions options() {
        HarvestOptions options = HarvestOptions.of(CacheVerb.globs("--hook", hooks));
        for (Gate gate : gates.options().gates()) {
            options = options.with(gate);
        }
        options = dtype.map(Precision::named).map(options::withPrecision).orElse(options);
        options = compute.map(ComputeType::named).map(options::withCompute).orElse(options);
        options = batch.map(options::withBatch).orElse(options);
        options = context.map(options::withContext).orElse(options);
        options = options.withPositions(positions());
        options = noSpecial ? options.withoutSpecial() : options;
        options = limit.map(options::withLimit).orElse(options);
        return shardRows.map(options::withShardRows).orElse(options);
    }

    private Positions positions() {
        Positions chosen = Positions.parse(positions.orElse("all"), seed.orElse(0L));
        if (seed.isPresent() && !(chosen instanceof Positions.Sample)) {
            throw new UsageException("--seed is for --positions sample:K, and nothing is drawn here. Leave it out.");
        }
        return chosen;
    }
}
