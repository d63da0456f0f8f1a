package org.lens4j.hub;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.lens4j.error.HubException;
import org.lens4j.error.UnknownNameException;

/**
 * Finds a model of the hub: in the cache, without a single request, and only what is not there on the network.
 *
 * @param options how to look
 * @param machine the disk and the clock
 */
record Locator(HubOptions options, Machine machine) {
    /**
     * Finds a model.
     *
     * @param name a name of the list, an {@code org/name}, or a model of the cache
     * @throws UnknownNameException if it is a bare word nobody knows; nothing is asked of the hub then
     * @throws HubException if it is neither in the cache nor to be had
     */
    ModelFiles locate(String name) {
        HubCache cache = new HubCache(options.settings().cache(), machine);
        List<ModelId> ids = ids(name, cache);
        return guarded(name, cache, () -> {
            if (!options.refresh()) {
                for (ModelId id : spelled(ids, cache)) {
                    Optional<String> commit = Fetch.complete(cache.model(id), options.revision());
                    if (commit.isPresent()) {
                        return files(cache.model(id), commit.get());
                    }
                }
            }
            if (options.isOffline()) {
                throw offline(name, ids, cache);
            }
            CachedModel model =
                    cache.model(spelled(ids, cache).stream().findFirst().orElse(ids.get(0)));
            return files(model, new Fetch(model, options, new Hub(options.settings(), machine)).bring());
        });
    }

    /**
     * Finds only the configuration of a model.
     *
     * @param name as for {@link #locate}
     * @throws UnknownNameException if it is a bare word nobody knows
     * @throws HubException if it is neither in the cache nor to be had
     */
    Path config(String name) {
        HubCache cache = new HubCache(options.settings().cache(), machine);
        List<ModelId> ids = ids(name, cache);
        return guarded(name, cache, () -> {
            for (ModelId id : options.refresh() ? List.<ModelId>of() : spelled(ids, cache)) {
                CachedModel model = cache.model(id);
                Optional<String> commit = model.commit(options.revision());
                Optional<Path> config =
                        commit.isPresent() ? model.file(commit.get(), Checkpoints.CONFIG) : Optional.empty();
                if (config.isPresent()) {
                    return config.get();
                }
            }
            if (options.isOffline()) {
                throw offline(name, ids, cache);
            }
            CachedModel model =
                    cache.model(spelled(ids, cache).stream().findFirst().orElse(ids.get(0)));
            String commit = new Fetch(model, options, new Hub(options.settings(), machine)).bringConfig();
            model.remember(options.revision(), commit);
            return model.snapshot(commit).resolve(Checkpoints.CONFIG);
        });
    }

    /** Work on the cache and the network. */
    @FunctionalInterface
    private interface Search<T> {
        T run() throws IOException, InterruptedException;
    }

    private static <T> T guarded(String name, HubCache cache, Search<T> search) {
        try {
            return search.run();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new HubException(
                    "Fetching \"%s\" was stopped. What came is kept in %s; load again to go on from there."
                            .formatted(name, cache.shown()),
                    e);
        } catch (IOException e) {
            throw new HubException(
                    "\"%s\" could not be read or written in %s: %s. Check its permissions, or set HF_HOME to another folder."
                            .formatted(name, cache.shown(), e),
                    e);
        }
    }

    private static List<ModelId> ids(String name, HubCache cache) {
        Aliases aliases = Aliases.read();
        List<ModelId> known = aliases.ids(name);
        if (!known.isEmpty()) {
            return known;
        }
        ModelId id = new ModelId(name);
        if (name.contains("/") || cache.spelled(id).isPresent()) {
            return List.of(id);
        }
        List<String> names = new ArrayList<>(List.of(ModelFiles.DEMO));
        names.addAll(aliases.names());
        cache.models().forEach(it -> names.add(it.text()));
        throw UnknownNameException.of(
                "model",
                name,
                "this version",
                names.stream().distinct().toList(),
                "No directory has that name either. Give the path of a directory with config.json and model.safetensors, or org/name of a model on the hub.");
    }

    private static List<ModelId> spelled(List<ModelId> ids, HubCache cache) {
        return ids.stream()
                .map(cache::spelled)
                .flatMap(Optional::stream)
                .distinct()
                .toList();
    }

    private ModelFiles files(CachedModel model, String commit) throws IOException {
        for (String file : Checkpoints.OPTIONAL) {
            // Refused here, before anybody opens it, if it leads out of the cache.
            model.file(commit, file);
        }
        return new ModelFiles(
                model.id().name(),
                model.snapshot(commit),
                new Origin.Snapshot(model.id(), options.revision(), commit),
                Optional.empty());
    }

    private HubException offline(String name, List<ModelId> ids, HubCache cache) throws IOException {
        String wanted =
                options.revision().equals(Revision.MAIN) ? "" : " at revision \"%s\"".formatted(options.revision());
        for (ModelId id : spelled(ids, cache)) {
            CachedModel model = cache.model(id);
            Optional<String> commit = model.commit(options.revision());
            if (commit.isPresent()) {
                return new HubException("\"%s\"%s in %s lacks %s (offline). %s to download it, or pass a directory."
                        .formatted(
                                name,
                                wanted,
                                cache.shown(),
                                String.join(", ", Fetch.missing(model, commit.get())),
                                options.howToGoOnline()));
            }
        }
        List<String> found = cache.models().stream().map(ModelId::text).toList();
        String also = ids.get(0).text().equals(name) ? "" : " (%s)".formatted(ids.get(0));
        return new HubException(
                "No model \"%s\"%s%s in %s (offline). Found: %s. %s to download it, or pass a directory."
                        .formatted(
                                name,
                                also,
                                wanted,
                                cache.shown(),
                                found.isEmpty() ? "nothing" : String.join(", ", found),
                                options.howToGoOnline()));
    }
}
