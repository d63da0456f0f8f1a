package org.lens4j.kernel.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.lens4j.error.StateException;

class LensSessionTest {
    @Test
    void loading_again_replaces_and_frees_the_model() {
        try (LensSession lens = new LensSession()) {
            var first = lens.load("demo");
            var weight = first.parameters().get("embed.W_E");
            lens.load("demo", "other");
            assertThat(weight.isReleased()).isFalse();
            lens.load("demo");
            assertThat(weight.isReleased()).isTrue();
            assertThat(lens.models()).containsExactly("demo", "other");
            assertThat(lens.model()).isSameAs(lens.model("demo"));
        }
    }

    @Test
    void closing_the_session_frees_everything() {
        LensSession lens = new LensSession();
        var weight = lens.load("demo").parameters().get("embed.W_E");
        var embed = lens.prompt("When").runWithCache("hook_embed").get("hook_embed");
        lens.close();
        assertThat(weight.isReleased()).isTrue();
        assertThat(embed.isReleased()).isTrue();
        assertThatThrownBy(lens::model).isInstanceOf(StateException.class);
    }
}
