package org.lens4j.hub;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.lens4j.error.CheckpointException;
import org.lens4j.error.HubException;

/**
 * The files of one model at one commit. What the cache has is taken from there; what it lacks comes from the hub, small
 * files first, so that a model whose weights are there is whole.
 */
final class Fetch {
    private final CachedModel model;
    private final HubOptions options;
    private final Hub hub;

    Fetch(CachedModel model, HubOptions options, Hub hub) {
        this.model = model;
        this.options = options;
        this.hub = hub;
    }

    /**
     * Looks for a model in the cache only.
     *
     * @return the commit, if its configuration and all its weights are there
     */
    static Optional<String> complete(CachedModel model, Revision revision) throws IOException {
        Optional<String> commit = model.commit(revision);
        return commit.isPresent() && missing(model, commit.get()).isEmpty() ? commit : Optional.empty();
    }

    /** What a snapshot lacks to be loaded, in words. */
    static List<String> missing(CachedModel model, String commit) throws IOException {
        List<String> missing = new ArrayList<>();
        Optional<Path> weights = Optional.empty();
        for (String file : Checkpoints.WEIGHTS) {
            weights = weights.or(() -> unchecked(model, commit, file));
        }
        if (weights.isEmpty() && Files.isDirectory(model.snapshot(commit))) {
            weights = Checkpoints.in(model.snapshot(commit));
        }
        boolean nano = weights.filter(it -> it.endsWith("ckpt.pt")).isPresent();
        if (!nano && model.file(commit, Checkpoints.CONFIG).isEmpty()) {
            missing.add(Checkpoints.CONFIG);
        }
        if (weights.isEmpty()) {
            missing.add("its weights");
        } else if (Checkpoints.isIndex(weights.get().toString())) {
            for (String shard : Checkpoints.shards(weights.get())) {
                if (model.file(commit, shard).isEmpty()) {
                    missing.add(shard);
                }
            }
        }
        return missing;
    }

    private static Optional<Path> unchecked(CachedModel model, String commit, String file) {
        try {
            return model.file(commit, file);
        } catch (IOException e) {
            throw new CheckpointException("%s of %s could not be read: %s.".formatted(file, model.id(), e), e);
        }
    }

    /**
     * Brings everything that is missing.
     *
     * @return the commit, whose snapshot is whole now
     * @throws HubException if something cannot be had
     */
    String bring() throws IOException, InterruptedException {
        String commit = bringConfig();
        for (String file : Checkpoints.OPTIONAL) {
            bring(commit, file);
        }
        weights(commit);
        model.remember(options.revision(), commit);
        return commit;
    }

    /**
     * Brings the configuration only.
     *
     * @return the commit, whose snapshot holds it now
     * @throws HubException if it cannot be had
     */
    String bringConfig() throws IOException, InterruptedException {
        Revision revision = options.revision();
        Optional<String> known = options.refresh() ? Optional.empty() : model.commit(revision);
        String commit;
        Optional<Path> config;
        if (known.isPresent()) {
            commit = known.get();
            config = bring(commit, Checkpoints.CONFIG);
        } else {
            RemoteFile remote = hub.ask(model.id(), revision.text(), Checkpoints.CONFIG);
            commit = commit(remote);
            config = taken(commit, Checkpoints.CONFIG, remote);
        }
        if (config.isEmpty()) {
            throw lacksConfig();
        }
        return commit;
    }

    /** The commit a revision stands for now. */
    private String commit(RemoteFile config) {
        return config instanceof RemoteFile.Present present
                ? present.commit()
                : ((RemoteFile.Absent) config).commit().orElseThrow(this::lacksConfig);
    }

    private HubException lacksConfig() {
        return new HubException(
                "%s has no config.json on %s, so its architecture is unknown. Check the name, or download it and pass its directory."
                        .formatted(model.id(), options.settings().endpoint()));
    }

    /** A file from the cache or the hub; empty if the model has none. */
    private Optional<Path> bring(String commit, String file) throws IOException, InterruptedException {
        Optional<Path> cached = model.file(commit, file);
        if (cached.isPresent()) {
            return cached;
        }
        if (!options.refresh() && model.isKnownAbsent(commit, file)) {
            return Optional.empty();
        }
        return taken(commit, file, hub.ask(model.id(), commit, file));
    }

    /** What the hub's answer about a file comes to: the file in the snapshot, or the note that there is none. */
    private Optional<Path> taken(String commit, String file, RemoteFile remote)
            throws IOException, InterruptedException {
        Optional<Path> cached = model.file(commit, file);
        if (cached.isPresent()) {
            return cached;
        }
        if (remote instanceof RemoteFile.Present present) {
            if (!present.commit().equals(commit)) {
                throw new HubException("%s gave %s of %s from commit %s when asked for %s. Load again with refresh."
                        .formatted(options.settings().endpoint(), file, model.id(), present.commit(), commit));
            }
            return Optional.of(new Download(hub, model, options.progress()).bring(file, present));
        }
        if (((RemoteFile.Absent) remote).commit().isPresent()) {
            model.rememberAbsent(commit, file);
        }
        return Optional.empty();
    }

    private void weights(String commit) throws IOException, InterruptedException {
        for (String file : Checkpoints.WEIGHTS) {
            Optional<Path> weights = bring(commit, file);
            if (weights.isPresent()) {
                if (Checkpoints.isIndex(file)) {
                    for (String shard : Checkpoints.shards(weights.get())) {
                        required(commit, shard);
                    }
                }
                return;
            }
        }
        List<String> files = hub.files(model.id(), commit);
        String last = files.stream()
                .filter(it -> it.endsWith(Checkpoints.NATIVE))
                .findFirst()
                .orElseThrow(() -> new HubException(
                        "%s has no weights this library reads on %s; it holds %s. Choose a model with model.safetensors or pytorch_model.bin."
                                .formatted(
                                        model.id(),
                                        options.settings().endpoint(),
                                        String.join(
                                                ", ", files.stream().limit(8).toList()))));
        required(commit, last);
    }

    private void required(String commit, String file) throws IOException, InterruptedException {
        if (bring(commit, file).isEmpty()) {
            throw new HubException(
                    "%s has no file %s on %s, which its weights need. Tell its author, or try a revision."
                            .formatted(model.id(), file, options.settings().endpoint()));
        }
    }
}
