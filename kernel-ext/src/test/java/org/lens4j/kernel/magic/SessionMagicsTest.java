package org.lens4j.kernel.magic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.lens4j.cache.CachePlan;
import org.lens4j.config.ModelConfig;
import org.lens4j.error.StateException;
import org.lens4j.error.UnknownNameException;
import org.lens4j.kernel.session.MemoryUse;

/** {@code %models}, {@code %unload}, {@code %caches}, {@code %mem}, {@code %plan}, {@code %seed}, {@code %config}. */
class SessionMagicsTest {
    private final DemoMagics magics = new DemoMagics();

    @AfterEach
    void close() {
        magics.close();
    }

    private List<String> names(String line) throws Exception {
        List<?> names = magics.value(line, List.class);
        return names.stream().map(String::valueOf).toList();
    }

    @Test
    void models_are_listed_chosen_and_freed() throws Exception {
        magics.run("%load demo --as other");
        assertThat(magics.shown("%models").plain())
                .containsPattern("demo +GPTNeoForCausalLM +3 × 2 × 64 +248,475 +\\d+ kB")
                .contains("other *");
        assertThat(names("%models --use demo")).containsExactly("demo", "other");
        assertThat(magics.lens().current()).contains("demo");
        var weight = magics.lens().model("other").parameters().get("embed.W_E");
        assertThat(magics.shown("%unload other").plain()).isEqualTo("Freed other. The current model is demo.");
        assertThat(weight.isReleased()).isTrue();
        assertThat(magics.shown("%unload demo").plain()).isEqualTo("Freed demo. No model is loaded now.");
        assertThat(magics.shown("%models").plain()).isEqualTo("No model is loaded. Load one: %load demo");
        assertThatThrownBy(() -> magics.run("%next")).isInstanceOf(StateException.class);
    }

    @Test
    void nothing_is_freed_where_one_name_is_wrong() throws Exception {
        magics.run("%load demo --as other");
        assertThatThrownBy(() -> magics.run("%unload other othr"))
                .isInstanceOf(UnknownNameException.class)
                .hasMessageContaining("Closest of 2: other");
        assertThat(magics.lens().models()).containsExactly("demo", "other");
        magics.run("%cache hook_embed --as a");
        assertThatThrownBy(() -> magics.run("%caches --drop a --drop b")).isInstanceOf(UnknownNameException.class);
        assertThat(magics.lens().caches()).containsExactly("a");
    }

    @Test
    void names_to_load_are_found() throws Exception {
        assertThat(names("%models --known distilgpt")).contains("distilgpt2");
        assertThat(names("%models --known nothing-like-it")).isEmpty();
    }

    @Test
    void caches_are_listed_and_freed() throws Exception {
        assertThat(magics.shown("%caches").plain()).startsWith("Nothing is cached.");
        magics.run("%cache * --as big --budget 0");
        magics.run("%cache hook_embed --as small");
        assertThat(magics.shown("%caches").plain())
                .containsPattern("big +\\d+ +1 × 15 tokens +0 B +\\d")
                .containsPattern("small \\* +1 +1 × 15 tokens +3.84 kB");
        var embed = magics.lens().cache("small").get("hook_embed");
        assertThat(names("%caches --drop small")).containsExactly("big");
        assertThat(embed.isReleased()).isTrue();
        assertThat(magics.lens().cache()).isSameAs(magics.lens().cache("big"));
    }

    @Test
    void memory_is_what_models_and_caches_hold() throws Exception {
        magics.run("%cache hook_embed");
        MemoryUse use = magics.value("%mem", MemoryUse.class);
        assertThat(use.held()).extracting(MemoryUse.Held::name).containsExactly("demo", "cache");
        assertThat(use.held().get(1).memory()).isEqualTo(15 * 64 * Float.BYTES);
        assertThat(use.memory()).isEqualTo(use.held().get(0).memory() + 15 * 64 * Float.BYTES);
        assertThat(use.heapUsed()).isPositive().isLessThanOrEqualTo(use.heapMost());
        assertThat(magics.shown("%mem").plain())
                .containsPattern("cache +cache +3.84 kB")
                .contains("Java heap: ", "Free on this machine: ");
    }

    @Test
    void a_plan_is_what_the_cache_then_takes() throws Exception {
        CachePlan plan = magics.value("%plan blocks.*.hook_resid_post", CachePlan.class);
        magics.run("%cache blocks.*.hook_resid_post");
        assertThat(magics.lens().cache().bytes()).isEqualTo(plan.bytes());
        assertThat(magics.value("%plan blocks.0.attn.hook_pattern --length 100 --batch 3", CachePlan.class)
                        .bytes())
                .isEqualTo(3L * 2 * 100 * 100 * Float.BYTES);
        assertThat(magics.value("%plan -p \"a b\" hook_embed", CachePlan.class).pos())
                .isEqualTo(magics.lens().tokens("a b").pos());
        assertThat(magics.shown("%plan").plain()).contains("55 activations of 1 × 15 tokens");
        assertThat(magics.shown("%plan hook_embed --length 64").plain()).doesNotContain("at most");
        assertThat(magics.shown("%plan hook_embed --length 65").plain())
                .contains("demo reads at most 64 tokens at a time (n_ctx): %cache would refuse a text of 65.");
    }

    @Test
    void the_seed_is_set_and_shown() throws Exception {
        assertThat(magics.value("%seed", Long.class)).isZero();
        assertThat(magics.shown("%seed 12345678901").plain()).isEqualTo("The seed of this session is 12345678901.");
        assertThat(magics.lens().seed()).isEqualTo(12345678901L);
        assertThat(magics.shown("%heads").plain()).endsWith("seed 12345678901.");
    }

    @Test
    void the_configuration_is_shown_field_by_field() throws Exception {
        assertThat(magics.value("%config", ModelConfig.class))
                .isEqualTo(magics.lens().model().config());
        assertThat(magics.shown("%config").plain())
                .containsPattern("n_layers +3")
                .containsPattern("d_vocab +731")
                .contains("activation gelu_tanh");
    }
}
