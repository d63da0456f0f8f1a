package org.lens4j.kernel.notebook;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NotebookHtmlTest {
    /** What a browser fetches by itself: resources, style sheets, imports; not links a reader may click. */
    private static final Pattern LOADED =
            Pattern.compile("(?i)<[a-z][^>]*\\b(?:src(?:set)?|poster|data)\\s*=\\s*[\"']?+(?!data:)[^>]*>"
                    + "|<(?:link|base|script|iframe|object|embed)\\b[^>]*>|@import|url\\(");

    private static List<String> loadedBy(String page) {
        return LOADED.matcher(page).results().map(MatchResult::group).toList();
    }

    private static String page(String... cells) {
        return NotebookHtml.of(NotebookTest.of(cells), Path.of("some.ipynb"));
    }

    private static String withOutput(String output) {
        return "{\"cell_type\": \"code\", \"execution_count\": 3, \"metadata\": {}, \"source\": \"x\", \"outputs\": [%s]}"
                .formatted(output);
    }

    private static String shown(String data) {
        return withOutput("{\"output_type\": \"display_data\", \"metadata\": {}, \"data\": {%s}}".formatted(data));
    }

    @Test
    void page_loads_nothing_from_anywhere() throws IOException {
        String jupyter = NotebookHtml.of(Notebook.parse(NotebookTest.writtenByJupyter(), "x"), Path.of("x.ipynb"));
        String remote = page(NotebookTest.markdown(
                "![far](https://example.org/a.png) <script src=x></script> ![gone](no/such.png)"));
        assertThat(loadedBy(jupyter)).isEmpty();
        assertThat(loadedBy(remote)).isEmpty();
        assertThat(remote).contains("<a href=\"https://example.org/a.png\">far</a>");
    }

    @Test
    void page_has_a_title_a_language_and_both_colour_schemes() {
        assertThat(page(NotebookTest.markdown("# Look & see")))
                .startsWith("<!DOCTYPE html>\n<html lang=\"en\">")
                .contains("<title>Look &amp; see</title>")
                .contains("@media (prefers-color-scheme: dark)")
                .contains("@media print");
        assertThat(page()).contains("<title>some.ipynb</title>");
    }

    @Test
    void html_in_prose_is_shown_as_text_and_script_links_are_disarmed() {
        assertThat(page(NotebookTest.markdown("a <img src=x onerror=alert(1)> [b](javascript:alert(1))")))
                .contains("&lt;img src=x onerror=alert(1)&gt;")
                .doesNotContain("javascript:");
    }

    @Test
    void equal_headings_get_different_anchors() {
        assertThat(page(NotebookTest.markdown("## Same\n\n## Same"), NotebookTest.markdown("## Same")))
                .contains("<h2 id=\"same\">", "<h2 id=\"same-2\">", "<h2 id=\"same-3\">");
    }

    @Test
    void tables_are_tables() {
        assertThat(page(NotebookTest.markdown("| a | b |\n|---|--:|\n| 1 | 2 |")))
                .contains("<table>")
                .contains("<td align=\"right\">2</td>");
    }

    @Test
    void attached_pictures_and_pictures_beside_the_notebook_are_embedded(@TempDir Path folder) throws IOException {
        byte[] bytes = {1, 2, 3};
        Files.write(folder.resolve("dot.png"), bytes);
        String html =
                NotebookHtml.of(NotebookTest.of(NotebookTest.markdown("![a dot](dot.png)")), folder.resolve("n.ipynb"));
        assertThat(html)
                .contains("<img src=\"data:image/png;base64,%s\" alt=\"a dot\">"
                        .formatted(Base64.getEncoder().encodeToString(bytes)));
        assertThat(NotebookHtml.of(
                        NotebookTest.of(
                                "{\"cell_type\": \"markdown\", \"metadata\": {}, \"source\": \"![p](attachment:p.png)\","
                                        + " \"attachments\": {\"p.png\": {\"image/png\": \"AQID\"}}}"),
                        Path.of("n.ipynb")))
                .contains("<img src=\"data:image/png;base64,AQID\" alt=\"p\">");
    }

    @Test
    void richest_form_wins() {
        String plain = "\"text/plain\": \"the text\"";
        String png = plain + ", \"image/png\": \"AQ==\"";
        String svg = png + ", \"image/svg+xml\": \"<svg/>\"";
        String html = svg + ", \"text/html\": \"<em>as it is</em>\"";
        assertThat(page(shown(plain))).contains("<pre class=\"plain\">the text</pre>");
        assertThat(page(shown(png))).contains("src=\"data:image/png;base64,AQ==\" alt=\"the text\"");
        assertThat(page(shown(svg))).contains("src=\"data:image/svg+xml;base64,PHN2Zy8+\" alt=\"the text\"");
        assertThat(page(shown(html))).contains("<div class=\"html\"><em>as it is</em></div>");
    }

    @Test
    void alternative_text_cannot_leave_its_attribute() {
        assertThat(page(shown("\"image/png\": \"AQ==\", \"text/plain\": \"\\\" onload=\\\"x\"")))
                .contains("alt=\"&quot; onload=&quot;x\"");
    }

    @Test
    void prompts_number_inputs_and_values() {
        assertThat(page(withOutput("{\"output_type\": \"execute_result\", \"metadata\": {}, \"execution_count\": 3,"
                        + " \"data\": {\"text/plain\": \"7\"}}")))
                .contains("In [3]:")
                .contains("Out[3]:");
        assertThat(page(NotebookTest.code("1"))).contains("In [ ]:").doesNotContain("Out[");
    }

    @Test
    void what_its_author_folded_away_opens_by_a_click() {
        String cell = """
                {"cell_type": "code", "execution_count": 3, "metadata": {"jupyter": {%s}},
                 "source": "// Solution <1>\\nanswer(7);",
                 "outputs": [{"output_type": "stream", "name": "stdout", "text": "Right."}]}""";
        assertThat(page(cell.formatted("\"source_hidden\": true, \"outputs_hidden\": true")))
                .containsSubsequence("<summary>Solution &lt;1&gt;</summary>", "In [3]:", "Right.", "</details>");
        assertThat(page(cell.formatted("\"source_hidden\": true")))
                .containsSubsequence("<summary>Solution &lt;1&gt;</summary>", "In [3]:", "</details>", "Right.");
        assertThat(page(cell.formatted(""))).doesNotContain("<details").contains("Right.");
    }

    @Test
    void printed_text_and_errors_are_escaped_and_marked() {
        assertThat(
                        page(
                                withOutput(
                                        "{\"output_type\": \"stream\", \"name\": \"stdout\", \"text\": \"<b> & 'c'\"}"),
                                withOutput(
                                        "{\"output_type\": \"error\", \"ename\": \"E\", \"evalue\": \"v\", \"traceback\": [\"a<b\", \"c\"]}"),
                                withOutput(
                                        "{\"output_type\": \"error\", \"ename\": \"E\", \"evalue\": \"v\", \"traceback\": []}")))
                .contains("<pre class=\"stdout\">&lt;b&gt; &amp; &#39;c&#39;</pre>")
                .contains("<pre class=\"error\" role=\"alert\">a&lt;b\nc</pre>")
                .contains("<pre class=\"error\" role=\"alert\">E: v</pre>");
    }

    @Test
    void java_is_coloured_and_magics_stand_out() {
        assertThat(JavaHighlighter.toHtml("var s = \"%no // no\"; // %not\n%cache blocks.*\nint r = 7 % x;"))
                .isEqualTo("<span class=\"k\">var</span> s = <span class=\"s\">&quot;%no // no&quot;</span>; "
                        + "<span class=\"c\">// %not</span>\n"
                        + "<span class=\"m\">%cache</span><span class=\"ma\"> blocks.*</span>\n"
                        + "<span class=\"k\">int</span> r = <span class=\"n\">7</span> % x;");
        assertThat(JavaHighlighter.toHtml("%%prompt --x\nclass of \"98"))
                .isEqualTo("<span class=\"m\">%%prompt</span><span class=\"ma\"> --x</span>\nclass of &quot;98");
        assertThat(JavaHighlighter.toHtml("var t = %tokens \"a\"")).contains("<span class=\"m\"> %tokens</span>");
        assertThat(JavaHighlighter.toHtml("\"\"\"\n%load x \"quoted\"\n\"\"\"")).doesNotContain("class=\"m\"");
    }

    @Test
    void java_in_prose_is_coloured_too() {
        assertThat(page(NotebookTest.markdown("```java\nint a;\n```\n\n```\nint <b>\n```")))
                .contains("<pre><code><span class=\"k\">int</span> a;\n</code></pre>")
                .contains("<pre><code>int &lt;b&gt;\n</code></pre>");
    }

    @Test
    void colouring_never_changes_the_text() {
        List<String> sources = List.of(
                "List<String> a = List.of(\"x\\\"y\", 'c', 0x1F, 1_000L, 2.5e-3f); /* open",
                "@Override public String toString() { return \"unclosed;\n}",
                "int größe = a<b ? 1 : 2; // & <tag>");
        for (String source : sources) {
            String text = JavaHighlighter.toHtml(source).replaceAll("</?span[^>]*>", "");
            assertThat(text).isEqualTo(Html.escape(source));
        }
    }

    @Test
    void terminal_colours_become_spans() {
        assertThat(AnsiText.toHtml("\u001b[1;31mred\u001b[0m plain"))
                .isEqualTo("<span class=\"ansi-bold ansi-fg-red\">red</span> plain");
        assertThat(AnsiText.toHtml("\u001b[38;5;208mo\u001b[39m\u001b[48;2;1;2;3mb"))
                .isEqualTo("<span style=\"color:rgb(255,135,0)\">o</span>"
                        + "<span style=\"background-color:rgb(1,2,3)\">b</span>");
        assertThat(AnsiText.toHtml("\u001b[2K\u001b]0;title\u0007a\u001b")).isEqualTo("a");
    }

    @Test
    void carriage_returns_overwrite_their_line() {
        assertThat(AnsiText.toHtml(" 10%\r 50%\r100%\nnext\r\n")).isEqualTo("100%\nnext\n");
    }
}
