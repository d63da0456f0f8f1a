package org.lens4j.kernel.browser;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.lens4j.Lens;
import org.lens4j.analysis.attention.AttentionPatterns;
import org.lens4j.model.HookedTransformer;
import org.lens4j.viz.AttentionView;

/** The large map of an attention picture, for prompts of any length. */
@EnabledIfSystemProperty(
        named = "lens.browser",
        matches = ".+",
        disabledReason = "It needs Chromium; .ci/run has it and runs this.")
class SquareCellsTest {
    private static final String SIDES = """
            return [...new Set([...document.querySelectorAll('.lens4j-big td[data-at]')].map(cell => {
              const box = cell.getBoundingClientRect();
              return Math.round(box.width) + ' x ' + Math.round(box.height);
            }))].join(', ')""";

    @TempDir
    private Path folder;

    @ParameterizedTest
    @ValueSource(ints = {1, 4, 9, 17})
    void every_cell_is_a_square_of_one_size(int repeats) throws Exception {
        Path page = folder.resolve("page.html");
        try (HookedTransformer model = Lens.load("demo");
                Browser browser = Browser.start(Path.of(System.getProperty("lens.browser", "."), "screenshots"))) {
            String prompt = " Mary gave John".repeat(repeats);
            String html = AttentionView.of(AttentionPatterns.of(model, model.tokens(prompt), 1))
                    .html()
                    .orElseThrow();
            Files.writeString(page, "<!doctype html><html><body>" + html + "</body></html>");
            browser.open(page.toUri());
            browser.await("document.querySelectorAll('.lens4j-big td[data-at]').length > 0", Duration.ofMinutes(1));
            browser.keep("attention-of-" + repeats);
            assertThat(browser.script(SIDES).toString()).matches("(\\d+) x \\1");
        }
    }
}
