package org.lens4j.kernel.browser;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.lens4j.Lens;
import org.lens4j.analysis.Grid;
import org.lens4j.analysis.attention.AttentionPatterns;
import org.lens4j.analysis.logits.LensOptions;
import org.lens4j.analysis.logits.LensReading;
import org.lens4j.analysis.logits.NextTokens;
import org.lens4j.analysis.logits.Prediction;
import org.lens4j.analysis.patching.ActivationPatch;
import org.lens4j.analysis.patching.PatchMetric;
import org.lens4j.analysis.patching.PatchPairs;
import org.lens4j.analysis.patching.PatchSite;
import org.lens4j.model.HookedTransformer;
import org.openqa.selenium.Keys;
import org.openqa.selenium.WebElement;

/** Coloured tokens, bars, curves, lines, patching and trees in the distribution's Jupyter Notebook. */
@InNotebook
class ChartsInNotebookTest implements PictureLaws {
    private static final String PROMPT = NotebookPage.PROMPT;
    private static final String CORRUPTED = "When Mary and John went to the store, Mary gave a drink to";
    private static final int STEPS = 6;

    @RegisterExtension
    static final NotebookPage PAGE = NotebookPage.ofDemo("charts", cells());

    private static LensReading reading;
    private static NextTokens next;
    private static Grid pattern;
    private static Grid patched;

    /** A picture of each kind, in the order of the cells. */
    enum Kind {
        TOKENS("%tokensview", "How surprising each token was", "[data-tip] ~ [data-tip]"),
        BARS("%next -k 5", "Next token after", "th"),
        CURVES(
                "var texts = List.of(\"Mary and John went to the store.\");\n%train lens --texts $texts --batch 2 --length 8 --steps "
                        + STEPS,
                "Loss",
                "svg text"),
        LINES("AttentionLinesView.of(lens.attention(1))", "Attention pattern, layer 1", "svg text"),
        PATCHED("%patch \" Mary\" \" John\" --corrupted \"" + CORRUPTED + "\"", "", "[data-row='0']"),
        CACHE("%cache blocks.*", "Cached activations", ".lens4j-tree summary code"),
        MODEL("lens.model()", "Parameters", ".lens4j-tree summary code");

        private final String cell;
        private final String alt;
        private final String words;

        Kind(String cell, String alt, String words) {
            this.cell = cell;
            this.alt = alt;
            this.words = words;
        }

        int index() {
            return List.of(values()).indexOf(this);
        }

        private Optional<Keys> arrow() {
            return switch (this) {
                case BARS, LINES -> Optional.of(Keys.ARROW_DOWN);
                case CACHE, MODEL -> Optional.empty();
                default -> Optional.of(Keys.ARROW_RIGHT);
            };
        }

        Picture picture() {
            return new Picture(PAGE, index(), name().toLowerCase(Locale.ROOT), alt, words, arrow());
        }

        WebElement in(String selector) {
            return picture().in(selector);
        }

        List<WebElement> all(String selector) {
            return picture().all(selector);
        }
    }

    @BeforeAll
    static void compute_what_they_show() {
        try (HookedTransformer model = Lens.load("demo")) {
            reading = LensReading.of(model, model.tokens(PROMPT), LensOptions.defaults());
            next = NextTokens.of(model, model.tokens(PROMPT), 5);
            pattern = AttentionPatterns.of(model, model.tokens(PROMPT), 1);
            PatchMetric metric = PatchMetric.logitDifference(model.answer(" Mary"), model.answer(" John"));
            patched = ActivationPatch.of(
                            model,
                            PatchPairs.of(model.tokens(PROMPT), model.tokens(CORRUPTED)),
                            PatchMetric.recovered(metric))
                    .run(PatchSite.residPre())
                    .grid();
        }
    }

    private static List<String> cells() {
        return Arrays.stream(Kind.values()).map(it -> it.cell).toList();
    }

    @Override
    public NotebookPage page() {
        return PAGE;
    }

    @Override
    public List<Picture> pictures() {
        return Arrays.stream(Kind.values()).map(Kind::picture).toList();
    }

    private static String pointedAt(WebElement element) {
        return PAGE.pointedAt(element);
    }

    @Test
    void a_token_says_how_surprising_it_was_and_what_was_expected() {
        float surprise = reading.loss()
                .slice("component", reading.lens().components().size() - 1)
                .at(1);
        Prediction expected = reading.lens()
                .top()
                .get(reading.lens().components().size() - 1)
                .get(1)
                .get(0);
        assertThat(pointedAt(Kind.TOKENS.all("[data-tip]").get(2)))
                .contains("·Mary : " + String.format(Locale.ROOT, "%.2f", surprise) + " nats")
                .contains("expected")
                .contains(expected.token().strip());
    }

    @Test
    void a_bar_is_as_long_as_its_token_is_likely() {
        List<WebElement> rows = Kind.BARS.all("tr");
        assertThat(rows).hasSize(next.top().size());
        Prediction first = next.top().get(0);
        assertThat(pointedAt(rows.get(0)))
                .startsWith("·" + first.token().strip() + " : ")
                .contains("rank 0", "token id " + first.tokenId());
        double share = ((Number) PAGE.browser()
                        .script(
                                "const bar = arguments[0].querySelector('s'); return bar.offsetWidth / bar.parentElement.offsetWidth",
                                rows.get(0)))
                .doubleValue();
        assertThat(share).isCloseTo(first.probability(), within(0.01));
    }

    @Test
    void a_point_of_a_curve_says_its_step_and_its_loss() {
        List<WebElement> points = Kind.CURVES.all("circle");
        assertThat(points).hasSize(STEPS);
        String last = pointedAt(points.get(STEPS - 1));
        assertThat(last).startsWith("step ");
        float loss = Float.parseFloat(last.substring(last.indexOf(" : ") + 3));
        String below = PAGE.browser().all(".output_area p").stream()
                .map(WebElement::getText)
                .filter(it -> it.contains("steps, the last loss"))
                .findFirst()
                .orElseThrow();
        assertThat(below).isEqualTo(String.format(Locale.ROOT, "%d steps, the last loss %.3f.", STEPS, loss));
    }

    @Test
    void pointing_at_a_token_leaves_only_its_lines_and_a_click_keeps_a_head() {
        WebElement token = Kind.LINES.in("[data-show='q9']");
        assertThat(pointedAt(token))
                .startsWith(pattern.axis("query_pos").labels().get(9) + " looks at");
        assertThat(lit()).isNotEmpty().allMatch(it -> it.startsWith("q9 "));
        Kind.LINES.in("[data-show='h1']").click();
        PAGE.browser().point(PAGE.browser().first("#header", NotebookPage.PATIENCE));
        assertThat(lit()).isNotEmpty().allMatch(it -> it.endsWith(" h1"));
        PAGE.browser().point(token);
        assertThat(lit()).allMatch(it -> it.startsWith("q9 ") && it.endsWith(" h1"));
        Kind.LINES.in("[data-show='h1']").click();
    }

    private static List<String> lit() {
        return Kind.LINES.all(".lens4j-dim [data-part].lens4j-on").stream()
                .map(it -> String.valueOf(it.getAttribute("data-part")))
                .toList();
    }

    @Test
    void a_patched_place_says_its_layer_its_token_and_what_came_back() {
        assertThat(pointedAt(PAGE.cell(Kind.PATCHED.index(), 1, 10)))
                .isEqualTo("L1, position %s : %.2f"
                        .formatted(patched.axis("pos").labels().get(10), patched.at(1, 10)));
    }

    @Test
    void a_map_of_fifteen_tokens_has_room_in_a_window_of_1000_pixels() throws IOException {
        PAGE.browser().narrow(1000);
        WebElement last = PAGE.cell(Kind.PATCHED.index(), 0, 14);
        PAGE.browser()
                .await(
                        "[...document.querySelectorAll('.lens4j-big')].every(it => it.scrollWidth <= it.clientWidth)",
                        NotebookPage.PATIENCE);
        PAGE.browser().point(last);
        PAGE.browser().keep("patched-narrow");
        assertThat(last.getSize().width).isGreaterThanOrEqualTo(34);
    }

    @ParameterizedTest
    @EnumSource(
            value = Kind.class,
            names = {"CACHE", "MODEL"})
    void a_tree_is_searched_while_the_notebook_takes_no_letter_for_a_command(Kind tree) {
        Object cells = PAGE.browser().script("return Jupyter.notebook.ncells()");
        WebElement box = tree.in("input");
        box.click();
        // In command mode dd deletes the cell.
        PAGE.browser().type("add");
        assertThat(tree.all("[data-name]")).noneMatch(WebElement::isDisplayed);
        PAGE.browser().type(Keys.BACK_SPACE, Keys.BACK_SPACE, Keys.BACK_SPACE, "mlp");
        assertThat(tree.all("[data-name]").stream().filter(WebElement::isDisplayed))
                .isNotEmpty()
                .allMatch(it -> String.valueOf(it.getAttribute("data-name")).contains("mlp"));
        PAGE.browser().type(Keys.BACK_SPACE, Keys.BACK_SPACE, Keys.BACK_SPACE);
        assertThat(PAGE.browser().script("return Jupyter.notebook.ncells()")).isEqualTo(cells);
    }

    @ParameterizedTest
    @EnumSource(
            value = Kind.class,
            names = {"CACHE", "MODEL"})
    void a_branch_is_folded_by_keyboard(Kind tree) {
        WebElement branch = tree.in(".lens4j-tree details");
        WebElement words = Browser.in(branch, "summary");
        PAGE.browser().script("Jupyter.notebook.select(0); Jupyter.notebook.focus_cell()");
        PAGE.browser().point(words);
        PAGE.browser().script("arguments[0].focus()", words);
        assertThat(isOpen(branch)).isTrue();
        PAGE.browser().type(Keys.ENTER);
        assertThat(isOpen(branch)).isFalse();
        PAGE.browser().type(Keys.SPACE);
        assertThat(isOpen(branch)).isTrue();
        assertThat(PAGE.browser().script("return Jupyter.notebook.mode")).isEqualTo("command");
    }

    private static boolean isOpen(WebElement branch) {
        return Boolean.TRUE.equals(PAGE.browser().script("return arguments[0].open", branch));
    }

    @Test
    void what_is_drawn_stands_out_in_dark_and_in_light() {
        for (String theme : List.of("true", "false")) {
            PAGE.browser().theme(theme);
            assertThat(PAGE.browser().contrast(Kind.BARS.in("s"), "background-color"))
                    .as("bar " + theme)
                    .isGreaterThan(3);
            assertThat(PAGE.browser().contrast(Kind.CURVES.in("circle"), "fill"))
                    .as("point " + theme)
                    .isGreaterThan(3);
            assertThat(PAGE.browser().contrast(Kind.LINES.in("[data-part]"), "stroke"))
                    .as("line " + theme)
                    .isGreaterThan(3);
        }
    }
}
