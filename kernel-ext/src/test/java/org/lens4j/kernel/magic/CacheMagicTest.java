package org.lens4j.kernel.magic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.lens4j.cache.ActivationCache;
import org.lens4j.error.StateException;
import org.lens4j.error.UnknownNameException;
import org.lens4j.error.UsageException;

class CacheMagicTest {
    private static final DemoMagics MAGICS = new DemoMagics();

    @BeforeEach
    void begin() {
        MAGICS.lens().load("demo");
        MAGICS.lens().prompt(DemoMagics.PROMPT);
        MAGICS.host().displayed().clear();
    }

    @AfterAll
    static void close() {
        MAGICS.close();
    }

    @Test
    void a_cache_is_kept_and_replaced_and_the_replaced_one_is_freed() throws Exception {
        ActivationCache first =
                MAGICS.value("%cache blocks.1.hook_resid_post blocks.*.attn.hook_pattern", ActivationCache.class);
        assertThat(MAGICS.lens().cache()).isSameAs(first);
        assertThat(first.names()).contains("blocks.1.hook_resid_post", "blocks.0.attn.hook_pattern");
        ActivationCache second = MAGICS.value("%cache hook_embed", ActivationCache.class);
        assertThat(MAGICS.lens().cache()).isSameAs(second);
        assertThatThrownBy(() -> first.get("blocks.1.hook_resid_post")).isInstanceOf(StateException.class);
        ActivationCache named = MAGICS.value("%cache hook_embed --as other", ActivationCache.class);
        assertThat(MAGICS.lens().cache("other")).isSameAs(named);
        assertThat(MAGICS.lens().cache("cache")).isSameAs(second);
        assertThat(second.get("hook_embed").isReleased()).isFalse();
    }

    @Test
    void a_cache_over_its_budget_says_so_and_is_read_back() throws Exception {
        ActivationCache whole = MAGICS.value("%cache * --as whole", ActivationCache.class);
        assertThat(MAGICS.host().displayed()).as("a small cache needs no words").isEmpty();
        MagicResult result = MAGICS.run("%cache * --budget 0 --as spilled");
        assertThat(MAGICS.host().displayed()).hasSize(2);
        assertThat(MAGICS.host().displayed().get(0).plain())
                .contains("activations of 1 × ")
                .contains("Over the budget of 0.0 kB: about ");
        assertThat(MAGICS.host().displayed().get(1).plain())
                .startsWith("The budget was used up: ")
                .contains("temporary file");
        assertThat(result.shown().orElseThrow().plain()).contains("Cached activations, 0 B in memory, ");
        ActivationCache spilled = MAGICS.lens().cache("spilled");
        for (String name : whole.names()) {
            assertThat(spilled.get(name).toByteBuffer())
                    .as(name)
                    .isEqualTo(whole.get(name).toByteBuffer());
        }
    }

    @Test
    void points_that_are_off_are_cached_with_their_switch_and_short_names_are_names() throws Exception {
        ActivationCache results =
                MAGICS.value("%cache result0 hook_tokens --attn-result --tokens", ActivationCache.class);
        assertThat(results.names()).containsExactly("hook_tokens", "blocks.0.attn.hook_result");
        assertThat(MAGICS.value("%cache pattern1 k-1 embed", ActivationCache.class)
                        .names())
                .containsExactly(
                        "hook_embed",
                        "blocks.1.attn.hook_pattern",
                        "blocks.%d.attn.hook_k"
                                .formatted(MAGICS.lens().model().config().nLayers() - 1));
        assertThatThrownBy(() -> MAGICS.run("%cache patern1"))
                .isInstanceOf(UnknownNameException.class)
                .hasMessageContaining("Unknown hook point \"patern1\" in demo.");
    }

    @Test
    void a_float16_cache_takes_half_the_memory() throws Exception {
        ActivationCache whole = MAGICS.value("%cache hook_embed --as whole", ActivationCache.class);
        ActivationCache half = MAGICS.value("%cache hook_embed --float16 --as half", ActivationCache.class);
        assertThat(half.bytes()).isEqualTo(whole.bytes() / 2);
        assertThatThrownBy(() -> MAGICS.run("%cache hook_embed --budget -1"))
                .isInstanceOf(UsageException.class)
                .hasMessage("--budget MB must be 0 or more, not -1. See %cache --help.");
    }

    @Test
    void a_cache_that_cannot_be_made_leaves_the_old_one() throws Exception {
        ActivationCache before = MAGICS.value("%cache hook_embed", ActivationCache.class);
        assertThatThrownBy(() -> MAGICS.run("%cache blocks.1.hook_resid_pst")).isInstanceOf(UnknownNameException.class);
        assertThat(MAGICS.lens().cache()).isSameAs(before);
        assertThat(before.get("hook_embed").isReleased()).isFalse();
    }
}
