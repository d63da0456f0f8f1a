package org.lens4j.kernel.browser;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.openqa.selenium.WebElement;

/** Dollar signs in tokens beside a reader's own formula, in the distribution's Jupyter Notebook with its MathJax. */
@EnabledIfSystemProperty(
        named = "lens.browser",
        matches = ".+",
        disabledReason = "It needs Chromium, Jupyter Notebook and the installed kernel; .ci/run has them and runs it.")
class DollarsInNotebookTest {
    @Test
    void what_the_model_reads_is_no_formula_and_what_the_reader_writes_is() throws IOException, InterruptedException {
        List<String> cells = List.of(
                "%load demo",
                "%next -k 3 -p \"A cake for $$5 and a ring for $$7\"",
                "TableView.of(tech.tablesaw.api.Table.create(\"A cake for $5 and a ring for $7\"))",
                // Typeset last, so by then the others have been.
                "Rendering.of(\"\").withHtml(\"<p class='own'>$x^2$</p>\")");
        try (NotebookPage page = NotebookPage.run("dollars", cells, 1)) {
            WebElement formula = page.browser().first(".own .MathJax", NotebookPage.PATIENCE);
            page.browser().point(formula);
            page.browser().keep("dollars");
            assertThat(page.browser().all(".output .MathJax, .output .MathJax_Preview"))
                    .as("formulas")
                    .hasSameSizeAs(page.browser().all(".own .MathJax, .own .MathJax_Preview"));
            assertThat(Browser.in(page.figure(0), "figcaption b").getText()).contains("for $5 and a ring for $7");
            assertThat(page.browser()
                            .first(".output caption", NotebookPage.PATIENCE)
                            .getText())
                    .contains("for $5 and a ring for $7");
        }
    }
}
