package org.lens4j.hook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.lens4j.Lens;
import org.lens4j.error.UsageException;
import org.lens4j.model.HookedModel;

class ShortNameTest {
    private static final int LAYERS = 12;

    @ParameterizedTest
    @CsvSource({
        "k6, blocks.6.attn.hook_k",
        "pre5, blocks.5.mlp.hook_pre",
        "pre2, blocks.2.mlp.hook_pre",
        "post11, blocks.11.mlp.hook_post",
        "pre_linear1, blocks.1.mlp.hook_pre_linear",
        "mid0, blocks.0.mlp.hook_mid",
        "scale4ln1, blocks.4.ln1.hook_scale",
        "normalized27ln2, blocks.27.ln2.hook_normalized",
        "scale4ln1_post, blocks.4.ln1_post.hook_scale",
        "pattern3, blocks.3.attn.hook_pattern",
        "attn3, blocks.3.attn.hook_pattern",
        "attn_logits3, blocks.3.attn.hook_attn_scores",
        "attn_scores3, blocks.3.attn.hook_attn_scores",
        "rot_q2, blocks.2.attn.hook_rot_q",
        "result9, blocks.9.attn.hook_result",
        "query1, blocks.1.attn.hook_q",
        "key1, blocks.1.attn.hook_k",
        "value1, blocks.1.attn.hook_v",
        "k6a, blocks.6.attn.hook_k",
        "mlp_post2, blocks.2.mlp.hook_post",
        "mlp_out2, blocks.2.hook_mlp_out",
        "attn_out2, blocks.2.hook_attn_out",
        "resid_post7, blocks.7.hook_resid_post",
        "resid_post-1, blocks.11.hook_resid_post",
        "k-12, blocks.0.attn.hook_k",
        "embed, hook_embed",
        "pos_embed, hook_pos_embed",
        "scale, ln_final.hook_scale",
        "normalized, ln_final.hook_normalized",
        "hook_embed, hook_embed",
        "blocks.3.attn.hook_q, blocks.3.attn.hook_q",
        "ln_final.hook_scale, ln_final.hook_scale",
        "decoder.0.cross_attn.hook_q, decoder.0.cross_attn.hook_q",
    })
    void a_short_name_is_what_transformer_lens_makes_of_it(String name, String full) {
        assertThat(ShortName.of(name).full(layer -> layer + LAYERS)).isEqualTo(full);
    }

    @ParameterizedTest
    @CsvSource({
        "attn, 3, '', blocks.3.attn.hook_pattern",
        "k, 6, a, blocks.6.attn.hook_k",
        "post, 2, mlp, blocks.2.mlp.hook_post",
        "post, 2, m, blocks.2.mlp.hook_post",
        "pre, 2, '', blocks.2.mlp.hook_pre",
        "normalized, 27, ln2, blocks.27.ln2.hook_normalized",
        "scale, 0, attn.q_norm, blocks.0.attn.q_norm.hook_scale",
        "resid_post, -1, '', blocks.11.hook_resid_post",
        "resid_pre, 4, block, blocks.4.hook_resid_pre",
        "mlp_out, 4, blocks, blocks.4.hook_mlp_out",
        "q, 4, attention, blocks.4.attn.hook_q",
    })
    void a_layer_and_a_part_stand_beside_the_name(String name, int layer, String part, String full) {
        assertThat(ShortName.of(name, layer, part).full(it -> it + LAYERS)).isEqualTo(full);
    }

    @Test
    void a_layer_is_given_once() {
        for (String name : List.of("k6", "blocks.6.attn.hook_k", "hook_k")) {
            assertThatThrownBy(() -> ShortName.of(name, 6))
                    .isInstanceOf(UsageException.class)
                    .hasMessageStartingWith("\"" + name + "\" is asked for in layer 6, and the name says where it is.");
        }
    }

    @Test
    void every_hook_point_of_a_model_is_read_back_from_its_name() {
        try (HookedModel demo = Lens.load("demo")) {
            for (HookName name : demo.hooks().all()) {
                assertThat(HookName.parse(name.full())).hasValue(name);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "encoder.2.attn.hook_q, Q, ENCODER, 2, -1",
        "decoder.0.cross_attn.hook_pattern, PATTERN, CROSS, 0, -1",
        "decoder.1.hook_cross_attn_out, CROSS_ATTN_OUT, DECODER, 1, -1",
        "blocks.3.mlp.experts.7.hook_post, EXPERT_POST, BLOCKS, 3, 7",
        "hook_embed, EMBED, BLOCKS, -1, -1",
    })
    void names_of_every_stack_are_read(String name, HookPoint point, Stack stack, int layer, int expert) {
        assertThat(HookName.parse(name)).hasValue(new HookName(point, stack, layer, expert));
    }

    @ParameterizedTest
    @CsvSource({"logits", "blocks.x.attn.hook_q", "blocks.0.attn.hook_qq", "blocks.99999999999.attn.hook_q", "''"})
    void other_names_are_none(String name) {
        assertThat(HookName.parse(name)).isEmpty();
    }
}
