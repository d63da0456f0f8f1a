package org.lens4j.kernel.browser;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Dollar signs in tokens beside a reader's own formula, in the distribution's Jupyter Notebook with its MathJax. */
@InNotebook
class DollarsInNotebookTest {
    @RegisterExtension
    static final NotebookPage PAGE = NotebookPage.of(
            "dollars",
            List.of(
                    "%load demo",
                    "%next -k 3 -p \"A cake for $$5 and a ring for $$7\"",
                    "TableView.of(tech.tablesaw.api.Table.create(\"A cake for $5 and a ring for $7\"))",
                    // Typeset last, so by then the others have been.
                    "Rendering.of(\"\").withHtml(\"<p class='own'>$x^2$</p>\")"),
            1);

    @Test
    void what_the_model_reads_is_no_formula_and_what_the_reader_writes_is() throws IOException {
        Browser browser = PAGE.browser();
        browser.await("(document.querySelector('.own .MathJax') || {}).offsetWidth > 0", NotebookPage.PATIENCE);
        browser.keep("dollars");
        assertThat(browser.all(".output .MathJax, .output .MathJax_Preview"))
                .as("formulas")
                .hasSameSizeAs(browser.all(".own .MathJax, .own .MathJax_Preview"));
        assertThat(Browser.in(PAGE.figure(0), "figcaption b").getText()).contains("for $5 and a ring for $7");
        assertThat(browser.first(".output caption", NotebookPage.PATIENCE).getText())
                .contains("for $5 and a ring for $7");
    }
}
