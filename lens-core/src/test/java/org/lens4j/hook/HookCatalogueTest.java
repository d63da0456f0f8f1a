package org.lens4j.hook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.lens4j.Fixtures;
import org.lens4j.config.ModelConfig;
import org.lens4j.error.UnknownNameException;
import org.lens4j.family.ConfigJson;
import org.lens4j.family.Families;

class HookCatalogueTest {
    private static final ModelConfig CONFIG = config();
    private final HookCatalogue catalogue = new HookCatalogue(CONFIG, "tiny");

    private static ModelConfig config() {
        try {
            return Families.config(ConfigJson.parse(
                    "config.json",
                    java.nio.file.Files.readString(Fixtures.committed("gpt2").resolve("config.json"))));
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @Test
    void points_that_always_fire_are_17_in_each_block_and_4_outside() {
        List<HookName> always = catalogue.all().stream()
                .filter(it -> HookCatalogue.isOpen(it, Set.of()))
                .toList();
        assertThat(always).hasSize(17 * CONFIG.nLayers() + 4);
    }

    @Test
    void a_block_lists_its_points_in_firing_order() {
        assertThat(catalogue.matching(List.of("blocks.1.*"), Set.of()).stream().map(HookName::full))
                .containsExactly(
                        "blocks.1.hook_resid_pre",
                        "blocks.1.ln1.hook_scale",
                        "blocks.1.ln1.hook_normalized",
                        "blocks.1.attn.hook_q",
                        "blocks.1.attn.hook_k",
                        "blocks.1.attn.hook_v",
                        "blocks.1.attn.hook_attn_scores",
                        "blocks.1.attn.hook_pattern",
                        "blocks.1.attn.hook_z",
                        "blocks.1.hook_attn_out",
                        "blocks.1.hook_resid_mid",
                        "blocks.1.ln2.hook_scale",
                        "blocks.1.ln2.hook_normalized",
                        "blocks.1.mlp.hook_pre",
                        "blocks.1.mlp.hook_post",
                        "blocks.1.hook_mlp_out",
                        "blocks.1.hook_resid_post");
    }

    @Test
    void a_glob_finds_one_in_each_layer() {
        assertThat(catalogue.matching("blocks.*.attn.hook_pattern").stream().map(HookName::layer))
                .containsExactly(0, 1, 2);
        assertThat(catalogue.matching("blocks.?.hook_resid_p*")).hasSize(6);
    }

    @Test
    void a_dot_in_a_glob_is_a_dot() {
        assertThatThrownBy(() -> catalogue.matching("blocksX*")).isInstanceOf(UnknownNameException.class);
    }

    @Test
    void several_globs_give_each_point_once_in_firing_order() {
        assertThat(
                        catalogue
                                .matching(
                                        List.of("ln_final.*", "blocks.0.hook_resid_pre", "blocks.0.hook_resid_*"),
                                        Set.of())
                                .stream()
                                .map(HookName::full))
                .containsExactly(
                        "blocks.0.hook_resid_pre",
                        "blocks.0.hook_resid_mid",
                        "blocks.0.hook_resid_post",
                        "ln_final.hook_scale",
                        "ln_final.hook_normalized");
    }

    @Test
    void an_unknown_name_names_the_closest_three() {
        assertThatThrownBy(() -> catalogue.named("blocks.0.hook_pattern"))
                .isInstanceOf(UnknownNameException.class)
                .hasMessageContaining("Unknown hook point \"blocks.0.hook_pattern\" in tiny.")
                .hasMessageContaining(
                        "blocks.0.attn.hook_pattern, blocks.1.attn.hook_pattern, blocks.2.attn.hook_pattern");
    }

    @Test
    void a_layer_beyond_the_last_is_unknown() {
        assertThatThrownBy(() -> catalogue.matching("blocks.3.hook_resid_post"))
                .isInstanceOf(UnknownNameException.class)
                .hasMessageContaining("blocks.2.hook_resid_post")
                .hasMessageEndingWith("That point is in layers 0 to 2. List them with %hooks or model.hooks().");
    }

    @Test
    void a_point_of_other_architectures_is_said_to_be_one() {
        assertThatThrownBy(() -> catalogue.matching("blocks.0.mlp.hook_pre_linear"))
                .isInstanceOf(UnknownNameException.class)
                .hasMessageContaining("Closest of ")
                .hasMessageEndingWith(
                        "Other architectures have that point, models of this shape do not. List them with %hooks or model.hooks().");
    }
}
