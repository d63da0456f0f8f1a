package org.lens4j.kernel.session;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.lens4j.analysis.Grid;
import org.lens4j.analysis.attention.AttentionPatterns;
import org.lens4j.analysis.logits.LogitLens;
import org.lens4j.analysis.logits.NextTokens;
import org.lens4j.cache.ActivationCache;
import org.lens4j.error.StateException;
import org.lens4j.error.UnknownNameException;
import org.lens4j.error.UsageException;
import org.lens4j.hook.HookName;
import org.lens4j.hub.HubOptions;
import org.lens4j.hub.ModelFiles;
import org.lens4j.hub.Progress;
import org.lens4j.load.LoadOptions;
import org.lens4j.load.LoadReport;
import org.lens4j.load.Pretrained;
import org.lens4j.model.HookedEncoder;
import org.lens4j.model.HookedEncoderDecoder;
import org.lens4j.model.HookedModel;
import org.lens4j.model.HookedTransformer;
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
public final class LensSession implements AutoCloseable {
    /** The name of a cache that was given none. */
    public static final String DEFAULT_CACHE = "cache";

    private final Progress progress;
    private final Map<String, Pretrained> models = new LinkedHashMap<>();
    private final Map<String, ActivationCache> caches = new LinkedHashMap<>();
    private Optional<String> current = Optional.empty();
    private Optional<String> latestCache = Optional.empty();
    private Optional<String> prompt = Optional.empty();

    /** A session that tells nobody how far downloads are. */
    public LensSession() {
        this(Progress.none());
    }

    /**
     * A session without models.
     *
     * @param progress told how far downloads are, besides whom a load's own options name
     */
    public LensSession(Progress progress) {
        this.progress = progress;
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
        Pretrained loaded = Pretrained.load(files, options);
        M model = loaded.as(wanted);
        Optional.ofNullable(models.put(alias, loaded))
                .ifPresent(it -> it.hooked().close());
        current = Optional.of(alias);
        return model;
    }

    /**
     * The current model.
     *
     * @throws StateException if none is loaded
     * @throws UsageException if it is of another class; says how to get it
     */
    public synchronized HookedTransformer model() {
        return as(HookedTransformer.class, hooked());
    }

    /**
     * The current model, if it is an encoder.
     *
     * @throws StateException if none is loaded
     * @throws UsageException if it is of another class; says how to get it
     */
    public synchronized HookedEncoder encoder() {
        return as(HookedEncoder.class, hooked());
    }

    /**
     * The current model, if it reads one text and says another.
     *
     * @throws StateException if none is loaded
     * @throws UsageException if it is of another class; says how to get it
     */
    public synchronized HookedEncoderDecoder encoderDecoder() {
        return as(HookedEncoderDecoder.class, hooked());
    }

    /**
     * The current model, of whatever class.
     *
     * @throws StateException if none is loaded
     */
    public synchronized HookedModel hooked() {
        return pretrained().hooked();
    }

    private static <M extends HookedModel> M as(Class<M> wanted, HookedModel model) {
        if (!wanted.isInstance(model)) {
            throw new UsageException("%s is a %s, and this is for a %s. It is lens.%s(), or of any class lens.hooked()."
                    .formatted(model.name(), model.getClass().getSimpleName(), wanted.getSimpleName(), getter(model)));
        }
        return wanted.cast(model);
    }

    private static String getter(HookedModel model) {
        if (model instanceof HookedEncoder) {
            return "encoder";
        }
        return model instanceof HookedEncoderDecoder ? "encoderDecoder" : "model";
    }

    /**
     * A model by the name the session calls it.
     *
     * @throws UnknownNameException if there is none; names the closest
     */
    public synchronized HookedTransformer model(String alias) {
        Pretrained named = Optional.ofNullable(models.get(alias))
                .orElseThrow(() -> UnknownNameException.of(
                        "model", alias, "this session", models.keySet(), "Load it first: %load " + alias + "."));
        return as(HookedTransformer.class, named.hooked());
    }

    /**
     * How the current model was loaded.
     *
     * @throws StateException if none is loaded
     */
    public synchronized LoadReport report() {
        return pretrained().report();
    }

    /**
     * The current model with its report, for work that notes where its weights come from.
     *
     * @throws StateException if none is loaded
     */
    public synchronized Pretrained pretrained() {
        return current.map(models::get)
                .orElseThrow(() -> new StateException("No model is loaded yet. Load one first: %load demo."));
    }

    /** The names of the loaded models, in the order they were loaded. */
    public synchronized List<String> models() {
        return List.copyOf(models.keySet());
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
        return current.isPresent();
    }

    /**
     * The tokens of the prompt, as the current model is fed them.
     *
     * @throws StateException if there is no model or no prompt
     */
    public Tokens tokens() {
        HookedModel model = hooked();
        return model.tokens(prompt());
    }

    /**
     * The tokens of another text, as the current model is fed them.
     *
     * @throws StateException if there is no model
     */
    public Tokens tokens(String text) {
        return hooked().tokens(text);
    }

    /**
     * The hook points of the current model that a name or glob stands for.
     *
     * @throws UnknownNameException if none matches; names the closest
     */
    public List<HookName> hooks(String glob) {
        return hooked().hooks().matching(glob);
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
        Optional.ofNullable(caches.put(cacheName, cache))
                .filter(before -> before != cache)
                .ifPresent(ActivationCache::close);
        latestCache = Optional.of(cacheName);
        return cache;
    }

    /**
     * The cache made last.
     *
     * @throws StateException if none was made
     */
    public synchronized ActivationCache cache() {
        return latestCache
                .map(caches::get)
                .orElseThrow(() -> new StateException(
                        "Nothing is cached yet. Cache something first: %cache blocks.*.hook_resid_post."));
    }

    /**
     * A cache by name.
     *
     * @throws UnknownNameException if there is none; names the closest
     */
    public synchronized ActivationCache cache(String cacheName) {
        return Optional.ofNullable(caches.get(cacheName))
                .orElseThrow(() -> UnknownNameException.of(
                        "cache",
                        cacheName,
                        "this session",
                        caches.keySet(),
                        "Make it with runWithCacheAs, or %cache --as."));
    }

    /** The names of the caches, in the order they were first made. */
    public synchronized List<String> caches() {
        return List.copyOf(caches.keySet());
    }

    /**
     * The attention pattern of one layer on the prompt.
     *
     * @param layer from 0
     * @return {@code [head query_pos key_pos]}
     * @throws org.lens4j.error.RangeException if there is no such layer
     */
    public Grid attention(int layer) {
        return AttentionPatterns.of(hooked(), tokens(), layer);
    }

    /** The logit lens on the prompt, five candidates for each place. */
    public LogitLens logitLens() {
        return logitLens(LogitLens.DEFAULT_TOP);
    }

    /**
     * The logit lens on the prompt.
     *
     * @param count how many candidates to keep for each place
     */
    public LogitLens logitLens(int count) {
        return LogitLens.of(model(), tokens(), count);
    }

    /**
     * The likeliest tokens after the prompt.
     *
     * @param count how many
     */
    public NextTokens next(int count) {
        return NextTokens.of(model(), tokens(), count);
    }

    @Override
    public synchronized void close() {
        caches.values().forEach(ActivationCache::close);
        caches.clear();
        models.values().forEach(it -> it.hooked().close());
        models.clear();
        current = Optional.empty();
        latestCache = Optional.empty();
    }

    @Override
    public synchronized String toString() {
        return "Models: %s. Prompt: %s. Caches: %s."
                .formatted(
                        models.isEmpty() ? "none" : String.join(", ", models.keySet()),
                        prompt.map(it -> "\"" + it + "\"").orElse("none"),
                        caches.isEmpty() ? "none" : String.join(", ", caches.keySet()));
    }
}
