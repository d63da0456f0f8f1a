package org.lens4j.kernel.magic;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.lens4j.analysis.Grid;
import org.lens4j.analysis.logits.LogitLens;
import org.lens4j.analysis.logits.NextTokens;
import org.lens4j.kernel.display.MimeBundle;

/** {@code %next}, {@code %attn}, {@code %logitlens}: what the model says, and where it looks. */
class LookingMagicsTest {
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
    void pictures_come_as_png_html_and_text() throws Exception {
        for (String line : List.of("%attn 1", "%attn 1.0", "%logitlens", "%next -k 3")) {
            assertThat(MAGICS.shown(line).data())
                    .as(line)
                    .containsKeys(MimeBundle.PNG, MimeBundle.HTML, MimeBundle.TEXT);
        }
        assertThat(MAGICS.value("%attn 1", Grid.class).axes().get(0).name()).isEqualTo("head");
        assertThat(MAGICS.value("%logitlens", LogitLens.class).top()).isNotEmpty();
        assertThat(MAGICS.value("%next -k 3", NextTokens.class).top()).hasSize(3);
    }

    @Test
    void attention_is_drawn_as_lines_where_they_are_asked_for() throws Exception {
        assertThat(html("%attn 1 --lines"))
                .contains("<path data-part")
                .contains("L1H0")
                .contains("L1H1");
        assertThat(html("%attn 1.0 --lines"))
                .contains("<path data-part")
                .contains("L1H0")
                .doesNotContain("L1H1");
        assertThat(html("%attn 1")).doesNotContain("<path data-part");
    }

    private static String html(String line) throws Exception {
        return MAGICS.shown(line).data().getOrDefault(MimeBundle.HTML, "");
    }

    @Test
    void another_prompt_may_be_given_for_one_call() throws Exception {
        assertThat(MAGICS.value("%next -p \"The capital of France\"", NextTokens.class)
                        .prompt())
                .endsWith("The capital of France");
        assertThat(MAGICS.lens().prompt()).isEqualTo(DemoMagics.PROMPT);
    }
}
