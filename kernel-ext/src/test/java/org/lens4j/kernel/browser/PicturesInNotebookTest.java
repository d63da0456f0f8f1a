package org.lens4j.kernel.browser;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.lens4j.Lens;
import org.lens4j.analysis.Grid;
import org.lens4j.analysis.attention.AttentionPatterns;
import org.lens4j.analysis.logits.LensOptions;
import org.lens4j.analysis.logits.LensReading;
import org.lens4j.analysis.logits.Prediction;
import org.lens4j.model.HookedTransformer;
import org.lens4j.text.TokenLabels;
import org.openqa.selenium.Keys;
import org.openqa.selenium.WebElement;

/** The pictures of real cells in the distribution's Jupyter Notebook, as a reader with pointer or keyboard meets them. */
@InNotebook
class PicturesInNotebookTest {
    private static final String PROMPT = NotebookPage.PROMPT;

    @RegisterExtension
    static final NotebookPage PAGE = NotebookPage.ofDemo("pictures", List.of("%attn 1", "%attn 2", "%logitlens"));

    private static Grid pattern;
    private static LensReading reading;

    @BeforeAll
    static void compute_what_they_show() {
        try (HookedTransformer model = Lens.load("demo")) {
            pattern = AttentionPatterns.of(model, model.tokens(PROMPT), 1);
            reading = LensReading.of(model, model.tokens(PROMPT), LensOptions.defaults());
        }
    }

    private static WebElement figure(int index) {
        return PAGE.figure(index);
    }

    private static WebElement cell(int figure, int row, int column) {
        return PAGE.cell(figure, row, column);
    }

    private static List<WebElement> heads(int figure) {
        return Browser.allIn(figure(figure), "button");
    }

    private static String shown(int figure) {
        return Browser.in(figure(figure), "[aria-live]").getText();
    }

    private static String tip() {
        return PAGE.tip();
    }

    private static String said(int head, int query, int key) {
        return "L1H%d, query %s → key %s : %s"
                .formatted(
                        head,
                        pattern.axis("query_pos").labels().get(query),
                        pattern.axis("key_pos").labels().get(key),
                        String.format(Locale.ROOT, "%.2f", pattern.at(head, query, key)));
    }

    @Test
    void a_cell_says_what_the_model_really_attends_to() throws IOException {
        PAGE.browser().point(heads(0).get(0));
        PAGE.browser().point(cell(0, 9, 2));
        assertThat(tip()).isEqualTo(said(0, 9, 2));
        PAGE.browser().keep("attention-light");
    }

    @Test
    void a_cell_of_the_logit_lens_says_what_else_the_model_would_go_on_with() throws IOException {
        List<List<Prediction>> last =
                reading.lens().top().get(reading.lens().top().size() - 1);
        int pos = last.size() - 1;
        WebElement top = cell(2, 0, pos);
        assertThat(top.getText().strip())
                .isEqualTo(TokenLabels.visible(last.get(pos).get(0).token()).strip());
        assertThat(PAGE.pointedAt(top).lines())
                .containsSubsequence(last.get(pos).stream()
                        .map(it -> String.format(
                                Locale.ROOT, "%.2f  %s", it.probability(), TokenLabels.visible(it.token())))
                        .toList());
        PAGE.browser().keep("logit-lens");
    }

    @Test
    void a_head_is_shown_while_pointed_at_and_kept_by_a_click() {
        PAGE.browser().point(heads(0).get(1));
        assertThat(shown(0)).isEqualTo("L1H1");
        PAGE.browser().point(Browser.in(figure(0), "figcaption"));
        assertThat(shown(0)).isEqualTo("L1H0");
        heads(0).get(1).click();
        PAGE.browser().point(cell(0, 3, 1));
        assertThat(shown(0)).isEqualTo("L1H1");
        assertThat(tip()).isEqualTo(said(1, 3, 1));
        heads(0).get(0).click();
    }

    @Test
    void pictures_in_one_page_do_not_know_of_each_other() {
        heads(0).get(1).click();
        assertThat(shown(0)).isEqualTo("L1H1");
        assertThat(shown(1)).isEqualTo("L2H0");
        assertThat(PAGE.browser().all("style[data-lens4j]")).hasSize(1);
        assertThat(PAGE.browser().all("[id^=lens4j]")).isEmpty();
        heads(0).get(0).click();
    }

    @Test
    void everything_is_reached_by_keyboard_and_the_notebook_keeps_its_place() {
        PAGE.browser()
                .script(
                        "Jupyter.notebook.select(0); Jupyter.notebook.focus_cell(); arguments[0].focus()",
                        heads(0).get(0));
        PAGE.browser().type(Keys.ARROW_RIGHT);
        assertThat(shown(0)).isEqualTo("L1H1");
        PAGE.browser().type(Keys.ENTER, Keys.TAB);
        PAGE.browser().type(Keys.ARROW_DOWN, Keys.ARROW_DOWN, Keys.ARROW_RIGHT);
        assertThat(tip()).isEqualTo(said(1, 2, 1));
        assertThat(PAGE.browser().script("return document.activeElement.getAttribute('aria-label')"))
                .isEqualTo(said(1, 2, 1));
        assertThat(PAGE.browser().script("return Jupyter.notebook.get_selected_index()"))
                .isEqualTo(2L);
        assertThat(PAGE.browser().script("return Jupyter.notebook.mode")).isEqualTo("command");
        PAGE.browser().type(Keys.ESCAPE);
        assertThat(PAGE.browser().all(".lens4j-tip")).isEmpty();
        heads(0).get(0).click();
    }

    @Test
    void what_has_the_focus_is_said_again_where_the_pointer_leaves() {
        PAGE.browser().script("arguments[0].focus()", heads(0).get(0));
        PAGE.browser().type(Keys.TAB);
        PAGE.browser().type(Keys.ARROW_DOWN);
        PAGE.browser().point(PAGE.cell(0, 9, 2));
        assertThat(tip()).isEqualTo(said(0, 9, 2));
        PAGE.browser().point(PAGE.browser().first("#header", NotebookPage.PATIENCE));
        assertThat(tip()).isEqualTo(said(0, 1, 0));
    }

    @Test
    void dark_and_light_show_the_same_colours_with_readable_words() throws IOException {
        PAGE.browser().point(cell(0, 9, 2));
        byte[] light = PAGE.browser().keep("attention-light");
        String color = cell(0, 9, 2).getCssValue("background-color");
        for (String theme : List.of("true", "false")) {
            for (String preferred : List.of("light", "dark")) {
                PAGE.browser().prefer(preferred);
                PAGE.browser().theme(theme);
                PAGE.browser().point(cell(0, 9, 2));
                assertThat(cell(0, 9, 2).getCssValue("background-color")).isEqualTo(color);
                String words = theme + " " + preferred;
                assertThat(PAGE.browser().contrast(PAGE.browser().first(".lens4j-tip", NotebookPage.PATIENCE)))
                        .as(words)
                        .isGreaterThan(7);
                assertThat(PAGE.browser().contrast(Browser.in(figure(0), "[data-row='9']")))
                        .as(words)
                        .isGreaterThan(7);
                assertThat(PAGE.browser().contrast(Browser.in(figure(2), "[data-at='0,3']")))
                        .as(words)
                        .isGreaterThan(4.5);
            }
        }
        assertThat(PAGE.browser().keep("attention-dark")).isNotEqualTo(light);
    }

    @Test
    void at_200_percent_nothing_is_cut_off() throws IOException {
        PAGE.browser().zoom(2);
        PAGE.browser().point(heads(0).get(0));
        PAGE.browser().point(cell(0, 13, 12));
        PAGE.browser().keep("attention-zoomed");
        assertThat(PAGE.browser().isInWindow(PAGE.browser().first(".lens4j-tip", NotebookPage.PATIENCE)))
                .isTrue();
        // What is wider than the window scrolls inside its own frame.
        assertThat(PAGE.browser()
                        .script(
                                "return arguments[0].scrollWidth <= arguments[0].clientWidth + 1",
                                Browser.in(figure(2), "div:not([hidden])")))
                .isEqualTo(true);
    }

    @Test
    void without_scripts_the_still_picture_is_shown() throws IOException {
        PAGE.openAsStranger();
        assertThat(PAGE.browser().script("return Jupyter.notebook.trusted")).isEqualTo(false);
        WebElement picture = PAGE.browser().first("figure.lens4j img", NotebookPage.PATIENCE);
        PAGE.browser().point(picture);
        PAGE.browser().keep("untrusted");
        assertThat(PAGE.browser().all("figure.lens4j script, figure.lens4j button"))
                .isEmpty();
        assertThat(picture.getAttribute("alt")).startsWith("Attention pattern, layer 1");
        assertThat(PAGE.browser()
                        .script("return arguments[0].naturalWidth > 300 && arguments[0].offsetWidth > 300", picture))
                .isEqualTo(true);
        PAGE.open();
    }
}
