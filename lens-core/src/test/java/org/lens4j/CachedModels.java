package org.lens4j;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.lens4j.error.HubException;
import org.lens4j.hub.HubOptions;
import org.lens4j.hub.HubSettings;
import org.lens4j.load.LoadOptions;
import org.lens4j.load.Pretrained;
import org.lens4j.model.HookedModel;
import org.lens4j.model.HookedTransformer;
import org.lens4j.text.Tokens;
import org.opentest4j.TestAbortedException;

/** Real models in a local Hugging Face cache, for tests tagged {@code weights}. Never opens a connection. */
public final class CachedModels {
    private final HubOptions hub;

    private CachedModels(Path home) {
        Map<String, String> environment = new HashMap<>(System.getenv());
        environment.put("HF_HOME", home.toString());
        this.hub = HubOptions.of(HubSettings.fromEnvironment(environment)).withOffline();
    }

    /**
     * Those of the user: {@code ~/.cache/huggingface}, or where {@code -Dlens.huggingface} says. Maven gives the tests a cache
     * without models in their environment, so that no other test depends on what a user has.
     */
    public static CachedModels ofTheUser() {
        return in(Path.of(
                System.getProperty("lens.huggingface", System.getProperty("user.home") + "/.cache/huggingface")));
    }

    /** Those in a folder such as {@code ~/.cache/huggingface}. */
    public static CachedModels in(Path home) {
        return new CachedModels(home);
    }

    /**
     * A model, with its weights rewritten as usual.
     *
     * @param name as in TransformerLens or on the hub
     * @return owned by the caller
     * @throws TestAbortedException if it is not there: the test that asks is reported as not run
     */
    public HookedTransformer open(String name) {
        return open(name, LoadOptions.defaults(), HookedTransformer.class);
    }

    /**
     * A model of any class.
     *
     * @param name as in TransformerLens or on the hub
     * @param options how its weights are rewritten
     * @return owned by the caller
     * @throws TestAbortedException if it is not there: the test that asks is reported as not run
     */
    public <M extends HookedModel> M open(String name, LoadOptions options, Class<M> kind) {
        try {
            return Pretrained.load(name, options.withHub(hub)).as(kind);
        } catch (HubException missing) {
            throw new TestAbortedException(
                    "not run: %s is not in the local cache. %s".formatted(name, missing.getMessage()), missing);
        }
    }

    /**
     * A text as a model is fed it.
     *
     * @throws TestAbortedException if no tokenizer lies beside its weights, as beside the toy models on the hub
     */
    public static Tokens tokens(HookedModel model, String text) {
        if (!model.hasTokenizer()) {
            throw new TestAbortedException(
                    "not run: %s has no tokenizer.json beside its weights, so nobody knows the tokens of \"%s\"."
                            .formatted(model.name(), text));
        }
        return model.tokens(text);
    }
}
