package org.lens4j.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.lens4j.Lens;
import org.lens4j.cache.ActivationCache;
import org.lens4j.hook.HookName;
import org.lens4j.hook.Hooks;
import org.lens4j.text.Tokens;

/** A cache of one layer costs no more than the layers up to it. */
class OneLayerTest {
    private static final Tokens TOKENS = Tokens.of(new long[] {3, 1, 4, 1, 5});

    private static List<String> fired(HookedTransformer model, String cached) {
        List<String> fired = new ArrayList<>();
        RunOptions options = RunOptions.defaults()
                .withCached(cached)
                .withHooks(Hooks.none().observe("*", (x, at) -> fired.add(at.full())));
        try (ActivationCache cache = model.cache(TOKENS, options)) {
            assertThat(cache.names()).containsExactly(cached);
            assertThat(cache.bytes()).isEqualTo(5L * model.config().dModel() * Float.BYTES);
        }
        return fired;
    }

    @Test
    void nothing_fires_after_the_layer_that_is_cached() {
        try (HookedTransformer demo = Lens.load("demo")) {
            List<String> all = demo.hooks().all().stream().map(HookName::full).toList();
            for (int layer = 0; layer < demo.config().nLayers(); layer++) {
                String name = "blocks." + layer + ".hook_resid_post";
                List<String> fired = fired(demo, name);
                assertThat(fired).endsWith(name);
                assertThat(all.subList(0, all.indexOf(name) + 1)).containsAll(fired);
            }
        }
    }
}
