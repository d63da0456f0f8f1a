package org.lens4j.viz;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.lens4j.analysis.logits.NextTokens;
import org.lens4j.analysis.logits.Prediction;
import org.w3c.dom.Element;
import tech.tablesaw.api.Table;

class PredictionViewTest {
    private static final NextTokens NEXT = new NextTokens(
            "John gave a <drink> to",
            List.of(
                    new Prediction(0, 5, " Mary", 12.3f, 0.75f),
                    new Prediction(1, 6, "<|endoftext|>", 10, 0.25f),
                    new Prediction(2, 7, "\n", -1.5f, 0.00001f)));

    @Test
    void the_table_has_a_row_for_each_candidate() {
        Table table = PredictionView.table(NEXT);
        assertThat(table.columnNames()).containsExactly("rank", "token", "token_id", "probability", "logit");
        assertThat(table.stringColumn("token").asList()).containsExactly("·Mary", "<|endoftext|>", "⏎");
        assertThat(table.floatColumn("probability").asList()).containsExactly(0.75f, 0.25f, 0.00001f);
        assertThat(table.intColumn("token_id").asList()).containsExactly(5, 6, 7);
    }

    @Test
    void the_text_is_aligned() {
        assertThat(PredictionView.of(NEXT).text())
                .isEqualTo("Next token after “John gave a <drink> to”\n"
                        + "rank  token                p  logit\n"
                        + "   0  ·Mary           0.7500  12.30  " + "█".repeat(23) + "\n"
                        + "   1  <|endoftext|>   0.2500  10.00  " + "█".repeat(8) + "\n"
                        + "   2  ⏎              <0.0001  -1.50");
    }

    @Test
    void html_is_safe_and_stands_alone() {
        Rendering shown = PredictionView.of(NEXT);
        Samples.standsAlone(shown);
        assertThat(Samples.live(shown).getTextContent()).contains("Next token after “John gave a <drink> to”");
    }

    @Test
    void each_bar_says_its_rank_logit_and_id() {
        Element first = (Element)
                Samples.live(PredictionView.of(NEXT)).getElementsByTagName("tr").item(0);
        assertThat(first.getTextContent()).isEqualTo("·Mary0.7500");
        assertThat(first.getAttribute("data-tip")).isEqualTo("·Mary : 0.7500\nrank 0, logit 12.30, token id 5");
    }

    @Test
    void the_likeliest_token_has_the_longest_bar_and_it_is_on_top() throws IOException {
        BufferedImage image = Samples.picture(PredictionView.of(NEXT));
        int[] bars = new int[image.getHeight()];
        for (int y = 0; y < image.getHeight(); y++) {
            for (int x = 0; x < image.getWidth(); x++) {
                bars[y] += image.getRGB(x, y) == Palette.BAR.getRGB() ? 1 : 0;
            }
        }
        int head = Heading.of("t", "probability").height(Ink.pen(image), 600);
        int first = bars[14 + head + 12];
        int second = bars[14 + head + 24 + 12];
        assertThat(first).isBetween(3 * second - 6, 3 * second + 6).isGreaterThan(200);
    }

    @Test
    void one_candidate_is_enough_for_a_picture() throws IOException {
        NextTokens one = new NextTokens("a", NEXT.top().subList(0, 1));
        assertThat(Samples.picture(PredictionView.of(one)).getWidth()).isGreaterThan(300);
    }

    @Test
    void no_candidates_is_a_text_without_picture() {
        assertThat(PredictionView.of(new NextTokens("", List.of())).png()).isEmpty();
    }

    @Test
    void a_long_prompt_is_shown_by_its_last_whole_words() {
        String title = PredictionView.of(new NextTokens("first " + "word ".repeat(20), List.of()))
                .text()
                .lines()
                .findFirst()
                .orElseThrow();
        assertThat(title).matches("Next token after “…word( word){10,15}”");
        String endless = "x".repeat(90);
        assertThat(PredictionView.of(new NextTokens(endless, List.of())).text()).contains("“…" + "x".repeat(80) + "”");
    }
}
