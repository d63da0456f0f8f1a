package org.lens4j.kernel.browser;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
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
@EnabledIfSystemProperty(
        named = "lens.browser",
        matches = ".+",
        disabledReason = "It needs Chromium, Jupyter Notebook and the installed kernel; .ci/run has them and runs it.")
class ChartsInNotebookTest {
    private static final String PROMPT = "When Mary and John went to the store, John gave a drink to";
    private static final String CORRUPTED = "When Mary and John went to the store, Mary gave a drink to";
    private static final int STEPS = 6;

    private static NotebookPage page;
    private static Browser browser;

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

        Picture picture() {
            return new Picture(page, index(), name().toLowerCase(Locale.ROOT), alt, words);
        }

        WebElement in(String selector) {
            return picture().in(selector);
        }

        List<WebElement> all(String selector) {
            return picture().all(selector);
        }
    }

    @BeforeAll
    static void run_the_cells() throws IOException, InterruptedException {
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
        List<String> cells = new ArrayList<>(List.of("%load demo", "%prompt " + PROMPT));
        for (Kind kind : Kind.values()) {
            cells.add(kind.cell);
        }
        page = NotebookPage.run("charts", cells, Kind.values().length);
        browser = page.browser();
    }

    @AfterAll
    static void close() {
        page.close();
    }

    @BeforeEach
    void as_it_was() {
        page.reset();
    }

    private static String pointedAt(WebElement element) {
        return page.pointedAt(element);
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
        double share = ((Number) browser.script(
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
        String below = browser.all(".output_area p").stream()
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
        browser.point(browser.first("#header", NotebookPage.PATIENCE));
        assertThat(lit()).isNotEmpty().allMatch(it -> it.endsWith(" h1"));
        browser.point(token);
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
        assertThat(pointedAt(page.cell(Kind.PATCHED.index(), 1, 10)))
                .isEqualTo("layer 1, position %s : %.2f"
                        .formatted(patched.axis("pos").labels().get(10), patched.at(1, 10)));
    }

    @ParameterizedTest
    @EnumSource(
            value = Kind.class,
            names = {"CACHE", "MODEL"})
    void a_tree_is_searched_while_the_notebook_takes_no_letter_for_a_command(Kind tree) {
        Object cells = browser.script("return Jupyter.notebook.ncells()");
        WebElement box = tree.in("input");
        box.click();
        // In command mode dd deletes the cell.
        browser.type("add");
        assertThat(tree.all("[data-name]")).noneMatch(WebElement::isDisplayed);
        browser.type(Keys.BACK_SPACE, Keys.BACK_SPACE, Keys.BACK_SPACE, "mlp");
        assertThat(tree.all("[data-name]").stream().filter(WebElement::isDisplayed))
                .isNotEmpty()
                .allMatch(it -> String.valueOf(it.getAttribute("data-name")).contains("mlp"));
        browser.type(Keys.BACK_SPACE, Keys.BACK_SPACE, Keys.BACK_SPACE);
        assertThat(browser.script("return Jupyter.notebook.ncells()")).isEqualTo(cells);
    }

    @ParameterizedTest
    @EnumSource(
            value = Kind.class,
            names = {"CACHE", "MODEL"})
    void a_branch_is_folded_by_keyboard(Kind tree) {
        WebElement branch = tree.in(".lens4j-tree details");
        WebElement words = Browser.in(branch, "summary");
        browser.script("Jupyter.notebook.select(0); Jupyter.notebook.focus_cell()");
        browser.point(words);
        browser.script("arguments[0].focus()", words);
        assertThat(isOpen(branch)).isTrue();
        browser.type(Keys.ENTER);
        assertThat(isOpen(branch)).isFalse();
        browser.type(Keys.SPACE);
        assertThat(isOpen(branch)).isTrue();
        assertThat(browser.script("return Jupyter.notebook.mode")).isEqualTo("command");
    }

    private static boolean isOpen(WebElement branch) {
        return Boolean.TRUE.equals(browser.script("return arguments[0].open", branch));
    }

    @ParameterizedTest
    @EnumSource(
            value = Kind.class,
            names = {"TOKENS", "BARS", "CURVES", "LINES", "PATCHED"})
    void its_places_are_reached_by_keyboard_and_the_notebook_keeps_its_own(Kind kind) {
        kind.picture()
                .requireReachedByKeyboard(kind == Kind.BARS || kind == Kind.LINES ? Keys.ARROW_DOWN : Keys.ARROW_RIGHT);
    }

    @ParameterizedTest
    @EnumSource
    void words_are_read_in_dark_and_in_light(Kind kind) throws IOException {
        kind.picture().requireReadInDarkAndInLight();
    }

    @ParameterizedTest
    @EnumSource
    void nothing_scrolls_that_has_the_room(Kind kind) {
        kind.picture().requireNoScrolling();
    }

    @Test
    void what_is_drawn_stands_out_in_dark_and_in_light() {
        for (String theme : List.of("true", "false")) {
            browser.theme(theme);
            assertThat(browser.contrast(Kind.BARS.in("s"), "background-color"))
                    .as("bar " + theme)
                    .isGreaterThan(3);
            assertThat(browser.contrast(Kind.CURVES.in("circle"), "fill"))
                    .as("point " + theme)
                    .isGreaterThan(3);
            assertThat(browser.contrast(Kind.LINES.in("[data-part]"), "stroke"))
                    .as("line " + theme)
                    .isGreaterThan(3);
        }
    }

    @ParameterizedTest
    @EnumSource
    void at_200_percent_what_is_wider_scrolls_in_its_own_frame(Kind kind) throws IOException {
        kind.picture().requireZoomed();
    }

    @Test
    void without_scripts_every_still_picture_stands_and_says_what_it_shows() throws IOException {
        page.openAsStranger();
        try {
            assertThat(browser.script("return Jupyter.notebook.trusted")).isEqualTo(false);
            assertThat(browser.all("figure.lens4j script, figure.lens4j button, figure.lens4j svg"))
                    .isEmpty();
            for (Kind kind : Kind.values()) {
                kind.picture().requireStill();
            }
        } finally {
            page.open();
        }
    }
}
