package org.lens4j.kernel.browser;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.lens4j.Lens;
import org.lens4j.analysis.attention.AttentionPatterns;
import org.lens4j.analysis.logits.LensOptions;
import org.lens4j.analysis.logits.LensReading;
import org.lens4j.analysis.logits.NextTokens;
import org.lens4j.kernel.display.LensDisplays;
import org.lens4j.kernel.display.MimeBundle;
import org.lens4j.model.HookedTransformer;
import org.lens4j.viz.AttentionLinesView;
import org.lens4j.viz.CurvesView;
import org.openqa.selenium.WebElement;

/** Tables and pictures under the styles JupyterLab gives to HTML in its light and dark theme, and in a page without any. */
@EnabledIfSystemProperty(
        named = "lens.browser",
        matches = ".+",
        disabledReason = "It needs Chromium; .ci/run has it and runs this.")
class PicturesInLabThemesTest {
    private static final String PROMPT = "When Mary and John went to the store, John gave a drink to";
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    @TempDir
    private static Path folder;

    private static Browser browser;

    /** A kind of page. */
    enum Page {
        LAB_LIGHT("<body data-jp-theme-light=\"true\" data-jp-theme-name=\"JupyterLab Light\">"),
        LAB_DARK("<body data-jp-theme-light=\"false\" data-jp-theme-name=\"JupyterLab Dark\">"),
        BARE_LIGHT("<body>"),
        BARE_DARK("<body style=\"background:#111;color:#eee\">");

        private final String body;

        Page(String body) {
            this.body = body;
        }

        boolean isLab() {
            return this == LAB_LIGHT || this == LAB_DARK;
        }

        Path file() {
            return folder.resolve(name().toLowerCase(Locale.ROOT) + ".html");
        }

        void open() {
            browser.open(file().toUri());
            browser.await("document.querySelectorAll('figure.lens4j > .lens4j-still[hidden]').length === 4", PATIENCE);
        }
    }

    @BeforeAll
    static void write_the_pages() throws IOException {
        List<String> outputs = new ArrayList<>();
        try (HookedTransformer model = Lens.load("demo")) {
            LensReading reading = LensReading.of(model, model.tokens(PROMPT), LensOptions.defaults());
            for (Object shown : List.of(
                    model.tokens(PROMPT),
                    AttentionPatterns.of(model, model.tokens(PROMPT), 1),
                    NextTokens.of(model, model.tokens(PROMPT), 5),
                    CurvesView.of(reading.entropy()),
                    AttentionLinesView.of(AttentionPatterns.of(model, model.tokens(PROMPT), 1)))) {
                outputs.add(Objects.requireNonNull(
                        LensDisplays.standard().of(shown).data().get(MimeBundle.HTML)));
            }
        }
        for (Page page : Page.values()) {
            String styles = page.isLab() ? "<style>" + labStyles() + "</style>" : "";
            StringBuilder html = new StringBuilder(
                            "<!doctype html><html><head><meta charset=\"utf-8\">" + styles + "</head>")
                    .append(page.body);
            outputs.forEach(it -> html.append("<div class=\"jp-RenderedHTMLCommon jp-RenderedHTML\">")
                    .append(it)
                    .append("</div>"));
            Files.writeString(page.file(), html.append("</body></html>"));
        }
        browser = Browser.start(Path.of(System.getProperty("lens.browser", "."), "screenshots"));
    }

    private static String labStyles() {
        try (InputStream css = PicturesInLabThemesTest.class.getResourceAsStream("jupyterlab.css")) {
            return new String(Objects.requireNonNull(css).readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @AfterAll
    static void close() {
        browser.close();
    }

    @ParameterizedTest
    @EnumSource
    void tables_and_labels_are_read(Page page) throws IOException {
        page.open();
        browser.keep("themes-" + page.name().toLowerCase(Locale.ROOT));
        for (String words : List.of(
                "caption",
                "thead th",
                "tbody tr:nth-child(1) td",
                "tbody tr:nth-child(2) td",
                "figcaption b",
                ".lens4j-big th",
                ".lens4j-bars th",
                "svg text")) {
            WebElement text = browser.first(words, PATIENCE);
            assertThat(browser.contrast(text)).as(words).isGreaterThan(7);
        }
    }

    @ParameterizedTest
    @EnumSource
    void numbers_of_a_table_stand_right_and_words_left(Page page) {
        page.open();
        assertThat(browser.first("tbody td", PATIENCE).getCssValue("text-align"))
                .isEqualTo("right");
        assertThat(browser.first("tbody td:last-child", PATIENCE).getCssValue("text-align"))
                .isEqualTo("left");
    }

    @ParameterizedTest
    @CsvSource({
        ".lens4j-big td, padding-top",
        ".lens4j-big td, text-align",
        ".lens4j-big tr, background-color",
        ".lens4j-bars td, text-align",
        ".lens4j-bars th, text-align",
        ".lens4j-bars th, font-weight",
        "svg[role=group], height",
        "svg[aria-hidden], height"
    })
    void a_theme_changes_no_layout_of_a_picture(String part, String property) {
        Page.BARE_LIGHT.open();
        String own = browser.first(part, PATIENCE).getCssValue(property);
        for (Page page : List.of(Page.LAB_LIGHT, Page.LAB_DARK)) {
            page.open();
            assertThat(browser.first(part, PATIENCE).getCssValue(property))
                    .as(page.name())
                    .isEqualTo(own);
        }
    }

    @ParameterizedTest
    @EnumSource
    void a_label_makes_no_column_of_a_map_wider(Page page) {
        page.open();
        assertThat(browser.first("[data-at='14,14']", PATIENCE).getSize())
                .isEqualTo(browser.first("[data-at='14,0']", PATIENCE).getSize());
    }

    @Test
    void what_is_said_about_a_place_stands_out_in_both_themes() {
        for (Page page : List.of(Page.LAB_LIGHT, Page.LAB_DARK)) {
            page.open();
            browser.point(browser.first("[data-at='9,2']", PATIENCE));
            assertThat(browser.contrast(browser.first(".lens4j-tip", PATIENCE)))
                    .as(page.name())
                    .isGreaterThan(7);
        }
    }
}
