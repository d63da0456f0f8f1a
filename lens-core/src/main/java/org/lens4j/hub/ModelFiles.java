package org.lens4j.hub;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import org.lens4j.error.Advice;
import org.lens4j.error.CheckpointException;
import org.lens4j.error.UnknownNameException;
import org.lens4j.error.UsageException;

/**
 * The local files of one model, laid out as on Hugging Face: config.json, model.safetensors, tokenizer.json. A directory,
 * the model inside this library's jar, or a model of the hub in the local cache; all are read by the same code.
 *
 * @param name what it is called in messages and in a session
 * @param directory where the files are; on the jar's own file system for the embedded model
 * @param origin where they come from
 * @param chosen the checkpoint that was asked for by its own path, instead of whichever the directory has
 */
public record ModelFiles(String name, Path directory, Origin origin, Optional<Path> chosen) {
    /** The model inside the jar. */
    public static final String DEMO = "demo";

    private static final String NATIVE_CONFIG = "tl_config.json";

    /**
     * A directory, unchecked.
     *
     * @param name what to call it
     * @param directory where the files are
     */
    public ModelFiles(String name, Path directory) {
        this(name, directory, new Origin.Folder(), Optional.empty());
    }

    /**
     * Finds a model, downloading it if it is on the hub and not in the cache, and the environment does not forbid it.
     *
     * @param name as for {@link #locate(String, HubOptions)}
     * @throws UnknownNameException if there is neither a model nor a directory of that name
     * @throws CheckpointException if the directory holds no model
     * @throws org.lens4j.error.HubException if the model is not in the cache and cannot be had from the hub
     */
    public static ModelFiles locate(String name) {
        return isLocal(name) ? local(name) : locate(name, HubOptions.defaults());
    }

    /**
     * Finds a model. A name with a slash at its start, two slashes, a dot at its start, or of an existing directory or
     * checkpoint file is a path; its contents decide what it is, never its name, so any fine-tune in any folder is found.
     * Anything else is a name: first in the cache, without a single request, then on the hub.
     *
     * @param name {@code demo}, a path, {@code org/name}, or an alias such as {@code gpt2-small}, in any case of letters
     * @param options the environment, the revision, offline or not
     * @throws UnknownNameException if there is neither a model nor a directory of that name
     * @throws CheckpointException if the directory holds no model
     * @throws org.lens4j.error.HubException if the model is not in the cache and cannot be had from the hub
     */
    public static ModelFiles locate(String name, HubOptions options) {
        if (isLocal(name)) {
            requireNoHub(name, options);
            return local(name);
        }
        return new Locator(options, Machine.REAL).locate(name);
    }

    /** A wish that only the hub can grant must not be passed over. */
    private static void requireNoHub(String name, HubOptions options) {
        boolean revision = !options.revision().equals(Revision.MAIN);
        if (revision || options.refresh()) {
            throw new UsageException(
                    "%s is on this machine, not on the hub, so it has no %s. Leave out %s, or load the model by its name on the hub."
                            .formatted(
                                    name,
                                    revision
                                            ? "revision " + options.revision().text()
                                            : "newer version to be asked for",
                                    revision ? "--revision (withRevision)" : "--refresh (withRefresh)"));
        }
    }

    /**
     * Finds weights that get their configuration from elsewhere: like {@link #locate(String, HubOptions)}, but a directory
     * needs no config.json.
     */
    public static ModelFiles locateWeights(String name, HubOptions options) {
        Optional<Path> directory = path(name).filter(Files::isDirectory);
        if (directory.isEmpty()) {
            return locate(name, options);
        }
        requireNoHub(name, options);
        Path absolute = directory.get().toAbsolutePath().normalize();
        return new ModelFiles(lastPart(absolute), absolute);
    }

    /**
     * Finds a configuration, without the weights that belong to it.
     *
     * @param name a file of any name, or what {@link #locate(String, HubOptions)} takes
     * @throws UnknownNameException if there is no such file, directory or model
     * @throws CheckpointException if the directory has no configuration
     * @throws org.lens4j.error.HubException if the model's is not in the cache and cannot be had from the hub
     */
    public static Path locateConfig(String name, HubOptions options) {
        Optional<Path> file = file(name).filter(it -> !Checkpoints.isWeights(name));
        if (file.isPresent()) {
            return file.get().toAbsolutePath().normalize();
        }
        return isLocal(name) ? local(name).config() : new Locator(options, Machine.REAL).config(name);
    }

    /** Whether a file is named as checkpoints are: {@code .safetensors}, {@code .bin}, {@code .pt}, {@code .pth}. */
    public static boolean isCheckpoint(String file) {
        return Checkpoints.isWeights(file);
    }

    private static boolean isLocal(String name) {
        return path(name).isPresent() || name.toLowerCase(Locale.ROOT).equals(DEMO);
    }

    private static ModelFiles local(String name) {
        Optional<Path> path = path(name);
        if (path.isEmpty()) {
            return new ModelFiles(DEMO, EmbeddedModels.directory(DEMO), new Origin.Embedded(), Optional.empty());
        }
        return Files.isRegularFile(path.get()) ? ofCheckpoint(path.get()) : ofDirectory(path.get());
    }

    private static Optional<Path> file(String name) {
        try {
            return Optional.of(inHome(name)).filter(Files::isRegularFile);
        } catch (InvalidPathException e) {
            return Optional.empty();
        }
    }

    private static Path inHome(String name) {
        return Path.of(name.startsWith("~/") ? System.getProperty("user.home") + name.substring(1) : name);
    }

    private static Optional<Path> path(String name) {
        try {
            Path path = inHome(name);
            boolean written = name.contains("/") || name.contains("\\") || name.startsWith(".");
            boolean there = Files.isDirectory(path) || (Checkpoints.isWeights(name) && Files.isRegularFile(path));
            return there || (written && !looksLikeHubName(name)) ? Optional.of(path) : Optional.empty();
        } catch (InvalidPathException e) {
            return Optional.empty();
        }
    }

    /** {@code org/name}, as models on the hub are called. */
    private static boolean looksLikeHubName(String name) {
        return name.matches("\\w[\\w.-]*/\\w[\\w.-]*");
    }

    /**
     * The files in a directory.
     *
     * @throws CheckpointException if it has neither a configuration nor a checkpoint that holds its own
     */
    public static ModelFiles ofDirectory(Path directory) {
        Path absolute = directory.toAbsolutePath().normalize();
        if (!Files.isDirectory(absolute)) {
            throw new CheckpointException("No directory %s. Check the path.".formatted(absolute));
        }
        ModelFiles files = new ModelFiles(lastPart(absolute), absolute);
        if (files.configuration().isEmpty() && !Files.isRegularFile(absolute.resolve("ckpt.pt"))) {
            throw files.lacksConfig();
        }
        return files;
    }

    /**
     * One checkpoint file, with the configuration beside it if there is one.
     *
     * @throws CheckpointException if there is no such file
     */
    public static ModelFiles ofCheckpoint(Path file) {
        Path absolute = file.toAbsolutePath().normalize();
        if (!Files.isRegularFile(absolute)) {
            throw new CheckpointException("No file %s. Check the path.".formatted(absolute));
        }
        Path directory = Optional.ofNullable(absolute.getParent()).orElseThrow();
        return new ModelFiles(lastPart(directory), directory, new Origin.Folder(), Optional.of(absolute));
    }

    private static String lastPart(Path path) {
        return Optional.ofNullable(path.getFileName()).orElse(path).toString();
    }

    /**
     * The config.json.
     *
     * @throws CheckpointException if there is none; says what is there
     */
    public Path config() {
        return configuration().orElseThrow(this::lacksConfig);
    }

    /** The configuration: config.json, or the tl_config.json of TransformerLens; empty if the checkpoint holds its own. */
    public Optional<Path> configuration() {
        return Stream.of(Checkpoints.CONFIG, NATIVE_CONFIG)
                .map(directory::resolve)
                .filter(Files::isRegularFile)
                .findFirst();
    }

    /**
     * The file to open for the weights: what {@link #checkpoint()} finds.
     *
     * @throws CheckpointException if there are none; says what is there
     */
    public Path weights() {
        return checkpoint()
                .orElseThrow(() -> new CheckpointException(
                        "%s has no model.safetensors or pytorch_model.bin; it holds %s. Put the model's weights there."
                                .formatted(directory, listing())));
    }

    /**
     * The file that holds the weights, in any form, or the {@code .index.json} that lists their shards: model.safetensors
     * before pytorch_model.bin before ckpt.pt, otherwise the one file that is named as weights are.
     */
    public Optional<Path> checkpoint() {
        return chosen.or(() -> Checkpoints.in(directory));
    }

    /**
     * The files that hold weights: the checkpoint itself, or the shards it lists.
     *
     * @throws CheckpointException if the list is damaged or names a file outside the directory
     */
    public List<Path> shards() {
        return checkpoint()
                .map(it -> Checkpoints.isIndex(it.toString())
                        ? Checkpoints.shards(it).stream()
                                .map(directory::resolve)
                                .toList()
                        : List.of(it))
                .orElse(List.of());
    }

    /** The tokenizer, where there is one. */
    public Optional<Path> tokenizer() {
        return Optional.of(directory.resolve(Checkpoints.TOKENIZER)).filter(Files::isRegularFile);
    }

    /**
     * What to say where text is given and there is no tokenizer: why that is so, and what to do.
     *
     * @return complete sentences that begin with the model's name
     */
    public String lackOfTokenizer() {
        String ids = "takes token ids, not text. " + Advice.TOKEN_IDS.text();
        if (!(origin instanceof Origin.Snapshot snapshot)) {
            return "%s has no tokenizer.json, so it %s, or put the file beside its weights.".formatted(name, ids);
        }
        Path absence = Path.of(".no_exist", snapshot.commit(), Checkpoints.TOKENIZER);
        if (Files.exists(directory.resolve("../..").resolve(absence).normalize())) {
            return "%s (%s) has no tokenizer.json on the hub, so it %s, or pass a directory with the file beside the weights."
                    .formatted(name, snapshot.id(), ids);
        }
        return "%s (%s in the cache) has no tokenizer.json there, so it %s, or download the file: load again with --refresh (HubOptions.withRefresh), without --offline and with HF_HUB_OFFLINE unset."
                .formatted(name, snapshot.id(), ids);
    }

    private CheckpointException lacksConfig() {
        return new CheckpointException(
                "%s has no config.json; it holds %s. Give the directory that holds the model's files."
                        .formatted(directory, listing()));
    }

    private String listing() {
        try (Stream<Path> files = Files.list(directory)) {
            List<String> names = files.map(it -> String.valueOf(it.getFileName()))
                    .sorted()
                    .limit(6)
                    .toList();
            return names.isEmpty() ? "nothing" : String.join(", ", names);
        } catch (IOException e) {
            return "what may not be read";
        }
    }
}
