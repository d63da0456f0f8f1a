package org.lens4j.kernel.display;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.StringReader;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.lens4j.Lens;
import org.lens4j.analysis.attention.AttentionPatterns;
import org.lens4j.analysis.logits.NextTokens;
import org.lens4j.analysis.prompts.TestedPrompt;
import org.lens4j.model.HookedTransformer;
import org.lens4j.viz.TableView;
import org.w3c.dom.Element;
import org.w3c.dom.Node;
import org.xml.sax.InputSource;
import tech.tablesaw.api.StringColumn;
import tech.tablesaw.api.Table;

/** JupyterLab and Jupyter Notebook typeset what stands between two dollar signs, in any HTML that a cell shows. */
class DollarSignsTest {
    private static final String PRICES = "The shop sold a cake for $5 and a ring for $7";

    @Test
    void no_dollar_sign_of_ours_is_offered_as_a_formula() throws Exception {
        try (HookedTransformer model = Lens.load("demo")) {
            Table table = Table.create(PRICES, StringColumn.create("cost $", PRICES));
            for (Object shown : List.of(
                    TableView.of(table),
                    NextTokens.of(model, model.tokens(PRICES), 3),
                    AttentionPatterns.of(model, model.tokens(PRICES), 1),
                    TestedPrompt.of(model, PRICES, " $$"))) {
                String html = Objects.requireNonNull(
                        LensDisplays.standard().of(shown).data().get(MimeBundle.HTML));
                assertThat(html).as(shown.getClass().getSimpleName()).contains("$");
                assertThat(texts(parsed(html)).filter(it -> it.contains("$")))
                        .as(shown.getClass().getSimpleName())
                        .isEmpty();
            }
        }
    }

    private static Node parsed(String html) throws Exception {
        return DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(new InputSource(new StringReader("<div>" + html + "</div>")))
                .getDocumentElement();
    }

    /** What a notebook may typeset. */
    private static Stream<String> texts(Node node) {
        if (node.getNodeType() == Node.TEXT_NODE) {
            return Stream.of(node.getTextContent());
        }
        if (node instanceof Element element
                && List.of(element.getAttribute("class").split(" "))
                        .containsAll(List.of("tex2jax_ignore", "mathjax_ignore"))) {
            return Stream.empty();
        }
        return IntStream.range(0, node.getChildNodes().getLength())
                .mapToObj(node.getChildNodes()::item)
                .flatMap(DollarSignsTest::texts);
    }
}
