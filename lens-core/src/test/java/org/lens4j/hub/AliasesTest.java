package org.lens4j.hub;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AliasesTest {
    private static final Aliases ALIASES = Aliases.read();

    @ParameterizedTest
    @CsvSource({
        "gpt2-small, gpt2",
        "GPT2, gpt2",
        "gpt-neo-125m, EleutherAI/gpt-neo-125M",
        "neo, EleutherAI/gpt-neo-125M",
        "pythia-70m, EleutherAI/pythia-70m",
        "pythia-19m-deduped-v0, EleutherAI/pythia-70m-deduped-v0",
        "tiny-stories-1M, roneneldan/TinyStories-1M",
        "TINY-STORIES-1m, roneneldan/TinyStories-1M",
        "gptj, EleutherAI/gpt-j-6B",
        "opt, facebook/opt-125m",
        "Llama-2-7b, meta-llama/Llama-2-7b-hf",
        "meta-llama/llama-3.2-1b, meta-llama/Llama-3.2-1B",
        "gemma-2-2b, google/gemma-2-2b",
        "phi-3, microsoft/Phi-3-mini-4k-instruct",
        "mixtral, mistralai/Mixtral-8x7B-v0.1",
        "solu-1l, NeelNanda/SoLU_1L512W_C4_Code",
        "attn-only-demo, NeelNanda/Attn-Only-2L512W-Shortformer-6B-big-lr",
        "redwood_attn_2l, ArthurConmy/redwood_attn_2l",
        "bert-base-cased, google-bert/bert-base-cased",
        "t5-small, google-t5/t5-small",
        "qwen3-0.6b, Qwen/Qwen3-0.6B",
        "santacoder, bigcode/santacoder"
    })
    void an_alias_stands_for_the_official_name_whatever_its_case(String alias, String official) {
        assertThat(ALIASES.ids(alias).get(0)).isEqualTo(new ModelId(official));
    }

    @Test
    void a_name_written_as_on_the_hub_is_fetched_under_that_name() {
        assertThat(ALIASES.ids("EleutherAI/gpt-neo-125m"))
                .containsExactly(new ModelId("EleutherAI/gpt-neo-125m"), new ModelId("EleutherAI/gpt-neo-125M"));
        assertThat(ALIASES.ids("openai-community/gpt2").get(0)).isEqualTo(new ModelId("openai-community/gpt2"));
        assertThat(ALIASES.ids("gpt2").get(0)).isEqualTo(new ModelId("gpt2"));
    }

    @Test
    void no_name_stands_for_two_models() {
        for (String name : ALIASES.names()) {
            long meanings = ALIASES.names().stream()
                    .filter(it -> it.equalsIgnoreCase(name))
                    .map(it -> List.copyOf(ALIASES.ids(it).stream()
                            .map(id -> id.text().toLowerCase(Locale.ROOT))
                            .sorted()
                            .toList()))
                    .distinct()
                    .count();
            assertThat(meanings).as(name).isEqualTo(1);
        }
    }

    @Test
    void every_family_has_names_and_an_unknown_name_has_no_meaning() {
        assertThat(ALIASES.names()).hasSizeGreaterThan(400);
        assertThat(ALIASES.ids("no-such-model")).isEmpty();
    }
}
