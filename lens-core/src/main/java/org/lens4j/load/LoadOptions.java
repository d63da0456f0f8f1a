package org.lens4j.load;

import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Consumer;
import org.lens4j.family.Family;
import org.lens4j.family.FamilyFile;
import org.lens4j.hub.HubOptions;
import org.lens4j.process.Processing;

/**
 * How a model is loaded. Immutable.
 *
 * <pre>{@code
 * LoadOptions options = LoadOptions.defaults().without(Processing.Switch.CENTER_UNEMBED).withRevision("step1000");
 * }</pre>
 *
 * @param processing which rewrites the weights get
 * @param asConfig the configuration of weights that come without one: a file, or the name of a model that has one
 * @param hub how a model of the hub is found
 * @param family an architecture this library does not know, used whatever config.json names
 * @param check whether the loaded model is checked on the spot
 * @param listener told how far the load is
 */
public record LoadOptions(
        Processing processing,
        Optional<String> asConfig,
        HubOptions hub,
        Optional<Family> family,
        boolean check,
        LoadListener listener) {

    /**
     * TransformerLens's defaults: every rewrite but refactor_factored_attn_matrices, what is in the cache first, checked.
     */
    public static LoadOptions defaults() {
        return new LoadOptions(
                Processing.standard(),
                Optional.empty(),
                HubOptions.defaults(),
                Optional.empty(),
                true,
                LoadListener.none());
    }

    /** The weights as they are in the file, to the last bit. TransformerLens: {@code from_pretrained_no_processing}. */
    public LoadOptions noProcessing() {
        return withProcessing(Processing.none());
    }

    /** Other rewrites. */
    public LoadOptions withProcessing(Processing processing) {
        return new LoadOptions(processing, asConfig, hub, family, check, listener);
    }

    /** One rewrite more. */
    public LoadOptions with(Processing.Switch wanted) {
        return withProcessing(processing.with(wanted));
    }

    /** One rewrite less. */
    public LoadOptions without(Processing.Switch unwanted) {
        return withProcessing(processing.without(unwanted));
    }

    /**
     * A configuration for weights that come without one, or instead of theirs.
     *
     * @param nameOrFile a config.json under any name, or a model whose config.json is taken
     */
    public LoadOptions asConfig(String nameOrFile) {
        return new LoadOptions(processing, Optional.of(nameOrFile), hub, family, check, listener);
    }

    /** Other ways to the hub. */
    public LoadOptions withHub(HubOptions hub) {
        return new LoadOptions(processing, asConfig, hub, family, check, listener);
    }

    /**
     * Another version of a model on the hub.
     *
     * @param revision a branch, a tag or a commit
     * @throws org.lens4j.error.UsageException if it cannot be one
     */
    public LoadOptions withRevision(String revision) {
        return withHub(hub.withRevision(revision));
    }

    /** Without a single socket. */
    public LoadOptions withOffline() {
        return withHub(hub.withOffline());
    }

    /** Asks the hub even for what is in the cache. */
    public LoadOptions withRefresh() {
        return withHub(hub.withRefresh());
    }

    /**
     * An architecture that is described in a file of rows.
     *
     * @throws org.lens4j.error.CheckpointException if the file describes none
     */
    public LoadOptions withFamily(Path file) {
        return withFamily(FamilyFile.read(file));
    }

    /** An architecture of your own. */
    public LoadOptions withFamily(Family own) {
        return new LoadOptions(processing, asConfig, hub, Optional.of(own), check, listener);
    }

    /** Loads without the check on the spot. */
    public LoadOptions withoutCheck() {
        return new LoadOptions(processing, asConfig, hub, family, false, listener);
    }

    /** Tells what loading will take before anything large is read. */
    public LoadOptions announcing(Consumer<LoadPlan> announce) {
        return listening(new LoadListener() {
            @Override
            public void planned(LoadPlan plan) {
                announce.accept(plan);
            }
        });
    }

    /** Tells this one too how far the load is. */
    public LoadOptions listening(LoadListener more) {
        return new LoadOptions(processing, asConfig, hub, family, check, listener.and(more));
    }
}
