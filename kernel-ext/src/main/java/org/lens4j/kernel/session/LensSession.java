package org.lens4j.kernel.session;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.lens4j.cache.ActivationCache;
import org.lens4j.error.StateException;
import org.lens4j.error.UnknownNameException;
import org.lens4j.hub.HubOptions;
import org.lens4j.hub.ModelFiles;
import org.lens4j.hub.Progress;
import org.lens4j.load.LoadListener;
import org.lens4j.load.LoadOptions;
import org.lens4j.load.LoadReport;
import org.lens4j.load.Pretrained;
import org.lens4j.model.HookedModel;
import org.lens4j.model.HookedTransformer;
import org.lens4j.tensor.FreeMemory;
import org.lens4j.text.Tokens;

/**
 * Models, the prompt and caches, kept from cell to cell under names. What is made again under a name replaces and frees
 * what had it; closing the session frees everything. In a notebook it is the variable {@code lens}.
 *
 * <pre>{@code
 * lens.load("demo");
 * lens.prompt("When Mary and John went to the store, John gave a drink to");
 * lens.runWithCache("blocks.*.attn.hook_pattern");
 * var pattern = lens.cache().get("blocks.1.attn.hook_pattern");   // [batch head query_pos key_pos]
 * }</pre>
 *
 * One thread at a time; calls from several wait for each other.
 */
public final class LensSession implements PromptViews, AutoCloseable {
    /** The variable of the bundled kernel that holds it. */
    public static final String VARIABLE = "lens";

    /** The name of a cache that was given none. */
    public static final String DEFAULT_CACHE = "cache";

    private final Progress progress;
    private final LoadListener loads;
    private final Shelf<Pretrained> models =
            new Shelf<>("model", "Load it first, with %load.", it -> it.hooked().close());
    private final Shelf<ActivationCache> caches =
            new Shelf<>("cache", "Make it with runWithCacheAs, or %cache --as.", ActivationCache::close);
    private Optional<String> prompt = Optional.empty();
    private List<String> prompts = List.of();
    private long seed;

    /** A session that tells nobody how far downloads and loads are. */
    public LensSession() {
        this(Progress.none(), LoadListener.none());
    }

    /**
     * A session without models.
     *
     * @param progress told how far downloads are, besides whom a load's own options name
     * @param loads told how far loads are, besides whom a load's own options name
     */
    public LensSession(Progress progress, LoadListener loads) {
        this.progress = progress;
        this.loads = loads;
    }

    /**
     * Loads a model and makes it the current one, under its own name.
     *
     * @param name {@code demo}, a directory, a checkpoint file, or a name on the Hugging Face hub
     * @return owned by the session
     * @throws UnknownNameException if there is no such model; the session is as before
     * @throws org.lens4j.error.CheckpointException if its files are no good; the session is as before
     * @throws org.lens4j.error.HubException if it is not in the cache and cannot be had; the session is as before
     */
    public HookedTransformer load(String name) {
        return load(name, LoadOptions.defaults());
    }

    /**
     * {@link #load(String)} as the options say: with other rewrites of the weights, another revision, offline.
     *
     * @throws org.lens4j.error.LoadRefusedException if it does not fit into memory; the session is as before
     */
    public HookedTransformer load(String name, LoadOptions options) {
        ModelFiles files = locate(name, options);
        return load(files, files.name(), options, HookedTransformer.class);
    }

    /**
     * Loads a model and makes it the current one, under another name.
     *
     * @param name as {@link #load(String)} takes it
     * @param alias what the session calls it
     * @return owned by the session
     */
    public HookedTransformer load(String name, String alias) {
        return load(name, alias, LoadOptions.defaults());
    }

    /** {@link #load(String, String)} as the options say. */
    public HookedTransformer load(String name, String alias, LoadOptions options) {
        return load(locate(name, options), alias, options, HookedTransformer.class);
    }

    /**
     * {@link #load(String, LoadOptions)} of a model of any class, encoders too. {@code %load} does this.
     *
     * @return owned by the session; {@link #model()}, {@link #encoder()} or {@link #encoderDecoder()} gives it again
     *     by its class
     */
    public HookedModel loadModel(String name, LoadOptions options) {
        ModelFiles files = locate(name, options);
        return load(files, files.name(), options, HookedModel.class);
    }

    /** {@link #loadModel(String, LoadOptions)} under another name. */
    public HookedModel loadModel(String name, String alias, LoadOptions options) {
        return load(locate(name, options), alias, options, HookedModel.class);
    }

    private ModelFiles locate(String name, LoadOptions options) {
        HubOptions hub = options.hub();
        return Pretrained.files(name, options.withHub(hub.withProgress(progress.and(hub.progress()))));
    }

    private synchronized <M extends HookedModel> M load(
            ModelFiles files, String alias, LoadOptions options, Class<M> wanted) {
        Pretrained loaded = Pretrained.load(files, options.listening(loads));
        M model = loaded.as(wanted);
        models.put(alias, loaded);
        return model;
    }

    /**
     * A model by the name the session calls it.
     *
     * @throws UnknownNameException if there is none; names the closest
     */
    public synchronized HookedTransformer model(String alias) {
        return CurrentModel.as(HookedTransformer.class, loaded(alias).hooked());
    }

    @Override
    public synchronized Pretrained pretrained() {
        return models.current()
                .orElseThrow(() -> new StateException("No model is loaded yet. Load one first: %load demo."));
    }

    /** The names of the loaded models, in the order they were loaded. */
    public synchronized List<String> models() {
        return models.names();
    }

    /**
     * A model with its report, by the name the session calls it.
     *
     * @throws UnknownNameException if there is none; names the closest
     */
    public synchronized Pretrained loaded(String alias) {
        return models.get(alias);
    }

    /** The name of the current model; empty if none is loaded. */
    public synchronized Optional<String> current() {
        return models.currentName();
    }

    /**
     * Makes a loaded model the current one.
     *
     * @return the session, for a chain of calls
     * @throws UnknownNameException if there is none of that name; names the closest
     */
    public synchronized LensSession use(String alias) {
        models.use(alias);
        return this;
    }

    /**
     * Frees a model and its memory. Caches stay; the model loaded last before becomes the current one, if it was that.
     *
     * @return the session, for a chain of calls
     * @throws UnknownNameException if there is none of that name; names the closest
     */
    public synchronized LensSession unload(String alias) {
        models.remove(alias);
        return this;
    }

    /**
     * Sets the prompt the next calls use.
     *
     * @param text as it is, spaces included
     * @return the session, for a chain of calls
     */
    public synchronized LensSession prompt(String text) {
        prompt = Optional.of(text);
        return this;
    }

    /**
     * The prompt.
     *
     * @throws StateException if none is set
     */
    public synchronized String prompt() {
        return prompt.orElseThrow(
                () -> new StateException("No prompt is set yet. Set one first: %prompt When Mary and John …"));
    }

    /** Whether a prompt is set. */
    public synchronized boolean hasPrompt() {
        return prompt.isPresent();
    }

    /** Whether a model is loaded. */
    public synchronized boolean hasModel() {
        return models.currentName().isPresent();
    }

    /**
     * Sets several prompts, for sweeps over them; {@link #prompt()} stays as it is.
     *
     * @return the session, for a chain of calls
     */
    public synchronized LensSession prompts(List<String> texts) {
        prompts = List.copyOf(texts);
        return this;
    }

    /**
     * The prompts.
     *
     * @throws StateException if none are set
     */
    public synchronized List<String> prompts() {
        if (prompts.isEmpty()) {
            throw new StateException(
                    "No prompts are set yet. Set them first: %%prompts, one on each line of the cell.");
        }
        return prompts;
    }

    /**
     * Sets what magics that draw by chance begin with, unless they are given a seed of their own.
     *
     * @return the session, for a chain of calls
     */
    public synchronized LensSession seed(long number) {
        seed = number;
        return this;
    }

    /** The seed; 0 unless another was set. */
    public synchronized long seed() {
        return seed;
    }

    /**
     * The tokens of the prompt, as the current model is fed them.
     *
     * @throws StateException if there is no model or no prompt
     */
    @Override
    public Tokens tokens() {
        HookedModel model = hooked();
        return model.tokens(prompt());
    }

    /**
     * Runs the prompt as far as needed and keeps activations under the name {@code cache}. TransformerLens:
     * {@code run_with_cache}.
     *
     * @param names names or globs of hook points, at least one
     * @return owned by the session, until a cache of the same name replaces it
     * @throws UnknownNameException for a name the model does not have; the session is as before
     */
    public ActivationCache runWithCache(String... names) {
        return runWithCacheAs(DEFAULT_CACHE, names);
    }

    /** {@link #runWithCache} under another name. */
    public synchronized ActivationCache runWithCacheAs(String cacheName, String... names) {
        return keep(cacheName, hooked().cache(tokens(), names));
    }

    /**
     * Puts a cache into the session, which owns it from now on.
     *
     * @return the same cache
     */
    public synchronized ActivationCache keep(String cacheName, ActivationCache cache) {
        caches.put(cacheName, cache);
        return cache;
    }

    /**
     * The cache made last.
     *
     * @throws StateException if none was made
     */
    public synchronized ActivationCache cache() {
        return caches.current()
                .orElseThrow(() -> new StateException(
                        "Nothing is cached yet. Cache something first: %cache blocks.*.hook_resid_post."));
    }

    /**
     * A cache by name.
     *
     * @throws UnknownNameException if there is none; names the closest
     */
    public synchronized ActivationCache cache(String cacheName) {
        return caches.get(cacheName);
    }

    /** The names of the caches, in the order they were first made. */
    public synchronized List<String> caches() {
        return caches.names();
    }

    /**
     * Frees a cache and its memory.
     *
     * @return the session, for a chain of calls
     * @throws UnknownNameException if there is none of that name; names the closest
     */
    public synchronized LensSession drop(String cacheName) {
        caches.remove(cacheName);
        return this;
    }

    /** What the session holds, and what is left. */
    public synchronized MemoryUse memory() {
        List<MemoryUse.Held> held = new ArrayList<>();
        for (String name : models.names()) {
            LoadReport.Tensors tensors = models.get(name).report().tensors();
            held.add(new MemoryUse.Held("model", name, tensors.copied(), tensors.mapped()));
        }
        for (String name : caches.names()) {
            ActivationCache cache = caches.get(name);
            held.add(new MemoryUse.Held("cache", name, cache.bytes(), cache.spilledBytes()));
        }
        Runtime java = Runtime.getRuntime();
        return new MemoryUse(
                held,
                java.totalMemory() - java.freeMemory(),
                java.maxMemory(),
                FreeMemory.ofMachine().bytes());
    }

    @Override
    public synchronized void close() {
        caches.clear();
        models.clear();
    }

    @Override
    public synchronized String toString() {
        return "Models: %s. Prompt: %s. Caches: %s."
                .formatted(
                        models.names().isEmpty() ? "none" : String.join(", ", models.names()),
                        prompt.map(it -> "\"" + it + "\"").orElse("none"),
                        caches.names().isEmpty() ? "none" : String.join(", ", caches.names()));
    }
}
