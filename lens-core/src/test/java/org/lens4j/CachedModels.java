package org.lens4j;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.lens4j.error.HubException;
import org.lens4j.hub.HubOptions;
import org.lens4j.hub.HubSettings;
import org.lens4j.load.LoadOptions;
import org.lens4j.model.HookedTransformer;
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
        try {
            return Lens.load(name, LoadOptions.defaults().withHub(hub));
        } catch (HubException missing) {
            throw new TestAbortedException(
                    "not run: %s is not in the local cache. %s".formatted(name, missing.getMessage()), missing);
        }
    }
}
