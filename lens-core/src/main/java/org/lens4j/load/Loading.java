package org.lens4j.load;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.lens4j.config.ModelConfig;
import org.lens4j.config.Stacks;
import org.lens4j.error.CheckpointException;
import org.lens4j.error.InterruptedRunException;
import org.lens4j.family.Blueprint;
import org.lens4j.family.ConfigJson;
import org.lens4j.family.Families;
import org.lens4j.family.Row;
import org.lens4j.hub.ModelFiles;
import org.lens4j.model.HookedEncoder;
import org.lens4j.model.HookedEncoderDecoder;
import org.lens4j.model.HookedModel;
import org.lens4j.model.HookedTransformer;
import org.lens4j.model.WeightForm;
import org.lens4j.process.Processing;
import org.lens4j.tensor.FreeMemory;
import org.lens4j.tensor.Scope;
import org.lens4j.text.Tokenizer;
import org.lens4j.weights.Checkpoint;
import org.lens4j.weights.Parameters;

/**
 * One load: the files are checked, the plan is made, the weights are read and rewritten. Afterwards it makes the other form
 * of the weights when it is asked for.
 */
final class Loading {
    private final ModelFiles files;
    private final LoadOptions options;
    private final FreeMemory memory;
    private final ModelConfig config;
    private final Checkpoint checkpoint;
    private final ParameterLoader loader;
    private final Map<Path, FileTime> written;

    Loading(ModelFiles files, LoadOptions options, FreeMemory memory) {
        this.files = files;
        this.options = options;
        this.memory = memory;
        ConfigJson json = configuration(files, options);
        Blueprint blueprint =
                options.family().map(it -> Families.blueprint(it, json)).orElseGet(() -> Families.blueprint(json));
        this.config = blueprint.config();
        this.checkpoint = Checkpoint.open(files.weights());
        this.loader = new ParameterLoader(blueprint, checkpoint);
        this.written = written(checkpoint);
    }

    /** When each file was last written, so that the other form is not made of another model's weights. */
    private static Map<Path, FileTime> written(Checkpoint checkpoint) {
        Map<Path, FileTime> written = new LinkedHashMap<>();
        for (Path file : checkpoint.files()) {
            try {
                written.put(file, Files.getLastModifiedTime(file));
            } catch (IOException e) {
                throw new CheckpointException("%s could not be read: %s. Is it still there?".formatted(file, e), e);
            }
        }
        return written;
    }

    /** The shape of the model in some files; its weights are not opened. */
    static ModelConfig config(ModelFiles files, LoadOptions options) {
        ConfigJson json = configuration(files, options);
        return options.family()
                .map(it -> Families.blueprint(it, json))
                .orElseGet(() -> Families.blueprint(json))
                .config();
    }

    private static ConfigJson configuration(ModelFiles files, LoadOptions options) {
        return options.asConfig()
                .map(it -> Configuration.of(ModelFiles.locateConfig(it, options.hub())))
                .orElseGet(() -> Configuration.of(files));
    }

    /** What it will take, after the files were checked. */
    LoadPlan plan(WeightForm form) {
        loader.requireAll();
        long raw = loader.memory(ParameterLoader.Place.FILE) + LoadPlan.WORKING;
        long processed = loader.memory(ParameterLoader.Place.MEMORY) + LoadPlan.WORKING;
        return new LoadPlan(
                files.name(),
                checkpoint.size(),
                loader.parameters() * Float.BYTES,
                form == WeightForm.RAW ? raw : processed,
                raw,
                memory.bytes());
    }

    Pretrained load() {
        long start = System.nanoTime();
        boolean raw = options.processing().isNone() || !canBeProcessed();
        WeightForm form = raw ? WeightForm.RAW : WeightForm.PROCESSED;
        LoadPlan plan = plan(form);
        options.listener().planned(plan);
        plan.refuseIfTooLarge();
        Scope scope = Scope.root();
        try {
            Read read = read(form, scope);
            HookedModel model = model(form, read.parameters());
            scope.cap();
            Optional<SelfCheck> check = check(read, model);
            return new Pretrained(model, report(read, check, Duration.ofNanos(System.nanoTime() - start)));
        } catch (RuntimeException | Error e) {
            scope.close();
            if (e instanceof CheckpointException) {
                // An interrupt closes a file that is being read, which then looks like a bad one.
                InterruptedRunException.stopLoadIfInterrupted(files.name());
            }
            throw e;
        }
    }

    private HookedModel model(WeightForm form, Parameters parameters) {
        Optional<Tokenizer> tokenizer = files.tokenizer().map(Tokenizer::read);
        if (config.stacks() instanceof Stacks.Encoder) {
            return new HookedEncoder(files.name(), config, parameters, tokenizer, files.lackOfTokenizer());
        }
        if (config.stacks() instanceof Stacks.EncoderDecoder) {
            return new HookedEncoderDecoder(files.name(), config, parameters, tokenizer, files.lackOfTokenizer());
        }
        return new HookedTransformer(
                files.name(),
                config,
                parameters,
                tokenizer,
                new WeightForm.Origin(form, this::again, files.lackOfTokenizer()));
    }

    /** The rewrites are for decoders of one stack, as TransformerLens's are. */
    private boolean canBeProcessed() {
        return config.stacks() instanceof Stacks.Decoder;
    }

    /**
     * What reading in one form gave.
     *
     * @param before log-probabilities before the weights were rewritten, if they are to be compared
     */
    private record Read(ParameterLoader.Loaded loaded, LoadReport.Rewrites rewrites, Optional<float[]> before) {
        Parameters parameters() {
            return loaded.parameters();
        }
    }

    private Read read(WeightForm form, Scope scope) {
        Processing processing = options.processing();
        if (form == WeightForm.RAW) {
            List<Processing.Skipped> unfit = canBeProcessed() ? List.of() : processing.unfitFor(config);
            List<String> off = canBeProcessed() ? Processing.none().off() : processing.off();
            LoadReport.Rewrites none = new LoadReport.Rewrites(List.of(), unfit, off);
            return new Read(loader.load(ParameterLoader.Place.FILE, scope, row -> {}), none, Optional.empty());
        }
        Processing wanted = processing.isNone() ? Processing.standard() : processing;
        ParameterLoader.Loaded loaded = intoMemory(scope);
        // The raw weights are in memory only now: reading them from the file once more would double what is resident.
        Optional<float[]> before = options.check() ? Optional.of(asRead(loaded.parameters())) : Optional.empty();
        Processing.Outcome outcome = wanted.applyInPlace(config, loaded.parameters());
        return new Read(loaded, new LoadReport.Rewrites(outcome.applied(), outcome.skipped(), wanted.off()), before);
    }

    private ParameterLoader.Loaded intoMemory(Scope scope) {
        try {
            return loader.load(ParameterLoader.Place.MEMORY, scope, telling());
        } finally {
            options.listener().ended(files.name());
        }
    }

    /** Tells after each parameter how far the reading is, and ends it where its thread was interrupted. */
    private Consumer<Row> telling() {
        long all = loader.parameters() * Float.BYTES;
        long[] done = {0};
        return row -> {
            InterruptedRunException.stopLoadIfInterrupted(files.name());
            done[0] += row.shape(config).size() * Float.BYTES;
            options.listener().read(files.name(), done[0], all);
        };
    }

    private float[] asRead(Parameters parameters) {
        Parameters borrowed = parameters.beside(new Scope(parameters.scope()));
        try (HookedTransformer model = new HookedTransformer(files.name(), config, borrowed, Optional.empty())) {
            return SelfCheck.logProbs(model);
        }
    }

    /** Weights that were asked for as they lie in their file stay unread; {@link Pretrained#checked()} checks them. */
    private Optional<SelfCheck> check(Read read, HookedModel model) {
        if (!options.check() || (options.processing().isNone() && read.loaded().mapped() > 0)) {
            return Optional.empty();
        }
        float[] after = SelfCheck.logProbs(model);
        SelfCheck values = read.before().map(it -> SelfCheck.of(it, after)).orElseGet(() -> SelfCheck.of(after));
        return Optional.of(values.withLawsOf(model, after));
    }

    /** The parameters in a form the model was not loaded in. */
    private Parameters again(WeightForm form) {
        if (!written(checkpoint).equals(written)) {
            throw new CheckpointException("The files of %s in %s have changed since it was loaded. Load it again."
                    .formatted(files.name(), files.directory()));
        }
        plan(form).refuseIfTooLarge();
        Scope scope = Scope.root();
        try {
            return read(form, scope).parameters();
        } catch (RuntimeException | Error e) {
            scope.close();
            throw e;
        }
    }

    private LoadReport report(Read read, Optional<SelfCheck> check, Duration time) {
        ParameterLoader.Loaded loaded = read.loaded();
        return new LoadReport(
                files.name(),
                new LoadReport.Source(
                        files.directory(),
                        files.origin(),
                        checkpoint.files().stream().map(WeightFile::new).toList()),
                config.family(),
                read.parameters().count(),
                read.rewrites(),
                new LoadReport.Tensors(
                        loader.types(), loaded.mapped(), loaded.copied(), loaded.zeros(), loader.ignored()),
                check,
                time);
    }
}
