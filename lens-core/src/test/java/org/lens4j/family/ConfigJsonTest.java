package org.lens4j.family;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.lens4j.config.AttentionSpan;
import org.lens4j.config.ModelConfig;
import org.lens4j.error.CheckpointException;

class ConfigJsonTest {
    private static final String GPT2 =
            "\"architectures\":[\"GPT2LMHeadModel\"],\"n_embd\":8,\"n_head\":2,\"n_layer\":2,\"vocab_size\":9,\"n_positions\":16";
    private static final String NEO =
            "\"architectures\":[\"GPTNeoForCausalLM\"],\"hidden_size\":8,\"num_heads\":2,\"num_layers\":3,"
                    + "\"vocab_size\":9,\"max_position_embeddings\":16";

    private static ModelConfig config(String members) {
        return Families.config(ConfigJson.parse("config.json", "{" + members + "}"));
    }

    @Test
    void defaults_are_hugging_faces() {
        ModelConfig config = config(GPT2);
        assertThat(config.dMlp()).isEqualTo(32);
        assertThat(config.dHead()).isEqualTo(4);
        assertThat(config.eps()).isEqualTo(1e-5f);
        assertThat(config.attnScale(0)).isEqualTo(2f);
        assertThat(config.activation().officialName()).isEqualTo("gelu_new");
    }

    @Test
    void a_text_ends_with_one_token_or_with_any_of_several() {
        assertThat(config(GPT2).eosTokenIds()).isEmpty();
        assertThat(config(GPT2 + ",\"eos_token_id\":8").eosTokenIds()).containsExactly(8);
        assertThat(config(GPT2 + ",\"eos_token_id\":[8,3,8,-1]").eosTokenIds()).containsExactly(8, 3);
        assertThat(config(GPT2 + ",\"eos_token_id\":null").eosTokenIds()).isEmpty();
        assertThatThrownBy(() -> config(GPT2 + ",\"eos_token_id\":\"the end\""))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("eos_token_id=\"the end\", and only a whole number is implemented");
    }

    @Test
    void scores_are_divided_by_the_layer_too_where_config_says_so() {
        ModelConfig config = config(GPT2 + ",\"scale_attn_by_inverse_layer_idx\":true");
        assertThat(config.attnScale(1)).isEqualTo(4f);
        assertThat(config(GPT2 + ",\"scale_attn_weights\":false").attnScale(1)).isEqualTo(1f);
    }

    @Test
    void gpt_neo_takes_its_spans_from_either_key() {
        AttentionSpan global = new AttentionSpan.Global();
        AttentionSpan local = new AttentionSpan.Local(5);
        ModelConfig layers = config(NEO + ",\"window_size\":5,\"attention_layers\":[\"global\",\"local\",\"global\"]");
        ModelConfig types =
                config(NEO + ",\"window_size\":5,\"attention_types\":[[[\"global\",\"local\"],1],[[\"global\"],1]]");
        assertThat(layers.attention().spans()).containsExactly(global, local, global);
        assertThat(types.attention().spans()).containsExactly(global, local, global);
        assertThat(layers.attnScale(2)).isEqualTo(1f);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\"rope_scaling\":{\"type\":\"yarn\"} | config.json has rope_scaling={\"type\":\"yarn\"}, which family GPT2LMHeadModel does not implement. Loading would give wrong logits",
                "\"use_something_new\":false | has use_something_new=false",
                "\"add_cross_attention\":true | has add_cross_attention=true",
                "\"activation_function\":\"gelu_magic\" | has activation_function=gelu_magic, and only one of",
                "\"n_inner\":\"big\" | has n_inner=\"big\", and only a whole number is implemented",
                "\"n_layer\":2000000000 | more layers than any model",
                "\"n_inner\":1.5 | only a whole number",
                "\"n_inner\":-4 | dMlp must be more than 0, not -4",
                "\"layer_norm_epsilon\":true | only a number is implemented",
                "\"scale_attn_weights\":1 | only true or false is implemented"
            })
    void a_key_or_value_that_is_not_understood_stops_the_load(String member, String reason) {
        assertThatThrownBy(() -> config(GPT2 + "," + member))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining(reason);
    }

    @Test
    void bookkeeping_and_null_do_not() {
        assertThat(config(GPT2 + ",\"rope_scaling\":null,\"temperature\":0.7,\"pruned_heads\":{},\"is_decoder\":false")
                        .nLayers())
                .isEqualTo(2);
    }

    @Test
    void a_missing_key_is_named_with_the_closest() {
        assertThatThrownBy(() -> config(GPT2.replace("n_embd", "n_emb")))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("config.json has no \"n_embd\". Closest of its keys: n_emb,");
    }

    @Test
    void heads_must_divide_the_width() {
        assertThatThrownBy(() -> config(GPT2.replace("\"n_head\":2", "\"n_head\":3")))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("a model width of 8 and 3 heads");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\"attention_layers\":[\"global\"] | one of global and local for each of 3 layers",
                "\"attention_layers\":[\"global\",\"sparse\",\"local\"] | has attention_layers=sparse, and only global or local",
                "\"attention_layers\":\"global\" | only a list of texts",
                "\"attention_types\":[[[\"global\"],-1]] | a small number of repetitions",
                "\"attention_types\":[[[\"global\"],2000000000]] | a small number of repetitions",
                "\"attention_types\":[7] | pairs of a list and a count"
            })
    void wrong_spans_are_refused(String member, String reason) {
        assertThatThrownBy(() -> config(NEO + "," + member))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining(reason);
    }

    @Test
    void an_unknown_architecture_lists_the_known_ones() {
        assertThatThrownBy(() -> config("\"architectures\":[\"MambaForCausalLM\"]"))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("architectures=[MambaForCausalLM]. Known: ");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {"not json", "[1]", "''", "{\"a\":"})
    void what_is_not_a_json_object_is_refused(String text) {
        assertThatThrownBy(() -> Families.of(ConfigJson.parse("config.json", text)))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("config.json");
    }

    @Test
    void the_short_native_form_may_hold_settings_of_its_training() {
        String shape =
                "\"n_layers\":1,\"d_model\":8,\"d_head\":4,\"n_heads\":2,\"n_ctx\":16,\"d_vocab\":9,\"act_fn\":\"solu_ln\",";
        assertThat(config(shape + "\"normalization\":\"LN\",\"warmup_tokens\":300,\"beta1\":0.9")
                        .dMlp())
                .isEqualTo(32);
        assertThatThrownBy(() -> config(shape + "\"normalization_type\":\"LN\",\"warmup_tokens\":300"))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("warmup_tokens=300");
    }
}
