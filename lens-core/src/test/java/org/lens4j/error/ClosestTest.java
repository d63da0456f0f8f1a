package org.lens4j.error;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class ClosestTest {
    @Test
    void a_left_out_segment_still_finds_its_name() {
        List<String> valid = List.of(
                "blocks.0.hook_attn_out", "blocks.0.attn.hook_z", "blocks.1.attn.hook_z", "blocks.0.hook_mlp_out");
        assertThat(Closest.to("blocks.0.hook_z", valid, 2))
                .containsExactly("blocks.0.attn.hook_z", "blocks.1.attn.hook_z");
    }

    @Test
    void a_typo_finds_its_word() {
        assertThat(Closest.to("logitlnes", List.of("load", "logitlens", "lsmagic"), 1))
                .containsExactly("logitlens");
        assertThat(Closest.to("DEMO", List.of("demo", "dame"), 1)).containsExactly("demo");
    }

    @Test
    void no_more_than_there_are() {
        assertThat(Closest.to("x", List.of(), 3)).isEmpty();
        assertThat(Closest.to("x", List.of("y", "y"), 3)).containsExactly("y");
    }

    @Test
    void an_unknown_name_says_what_was_asked_what_is_near_and_what_to_do() {
        UnknownNameException e =
                UnknownNameException.of("model", "dmeo", "this session", List.of("demo", "gpt2"), "Load it first.");
        assertThat(e).hasMessage("Unknown model \"dmeo\" in this session. Closest of 2: demo, gpt2. Load it first.");
        assertThat(e.closest()).containsExactly("demo", "gpt2");
        assertThat(e.name()).isEqualTo("dmeo");
        assertThat(UnknownNameException.of("cache", "a", "this session", List.of(), "Make one."))
                .hasMessage("Unknown cache \"a\" in this session. There are none there. Make one.");
    }

    @Test
    void an_index_outside_its_axis_names_the_axis_and_its_range() {
        assertThat(RangeException.index("layer", 3, 4, "demo")).isEqualTo(3);
        assertThatThrownBy(() -> RangeException.index("layer", 7, 4, "demo"))
                .hasMessage("demo has no layer 7: it has 4, numbered 0 to 3. Ask for one of those.");
        assertThatThrownBy(() -> RangeException.index("layer", -1, 4, "demo")).isInstanceOf(RangeException.class);
    }
}
