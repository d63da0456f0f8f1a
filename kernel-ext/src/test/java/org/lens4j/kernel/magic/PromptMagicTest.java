package org.lens4j.kernel.magic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.lens4j.error.RangeException;
import org.lens4j.kernel.display.MimeBundle;

class PromptMagicTest {
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
    void a_prompt_is_taken_as_it_stands() throws Exception {
        MAGICS.run("%prompt The dogs -k don't \"bark\"");
        assertThat(MAGICS.lens().prompt()).isEqualTo("The dogs -k don't \"bark\"");
        MAGICS.run("%prompt \" Mary \"");
        assertThat(MAGICS.lens().prompt()).isEqualTo(" Mary ");
        MAGICS.cell("%%prompt", "two\nlines\n");
        assertThat(MAGICS.lens().prompt()).isEqualTo("two\nlines");
    }

    @Test
    void a_prompt_the_model_cannot_read_changes_nothing() {
        assertThatThrownBy(() -> MAGICS.run("%prompt " + " Mary".repeat(2000)))
                .isInstanceOf(RangeException.class)
                .hasMessageContaining("and demo reads at most");
        assertThat(MAGICS.lens().prompt()).isEqualTo(DemoMagics.PROMPT);
    }

    @Test
    void tokens_are_shown_visible_with_their_ids() throws Exception {
        String text = MAGICS.shown("%tokens When Mary\n<b>").plain();
        assertThat(text).contains("<|endoftext|>").contains("·Mary").contains("⏎");
        assertThat(MAGICS.shown("%tokens <b>").data().get(MimeBundle.HTML)).doesNotContain("<b>");
    }
}
