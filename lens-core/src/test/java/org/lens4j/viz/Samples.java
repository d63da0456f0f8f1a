package org.lens4j.viz;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.StringReader;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import javax.imageio.ImageIO;
import javax.xml.parsers.DocumentBuilderFactory;
import org.lens4j.analysis.Axis;
import org.lens4j.analysis.Grid;
import org.lens4j.analysis.logits.LogitLens;
import org.lens4j.analysis.logits.Prediction;
import org.lens4j.text.TokenLabels;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;

/** Results to show, and the means to look at what came out. */
final class Samples {
    private static final List<String> WORDS =
            List.of("<|endoftext|>", "When", " Mary", " and", " John", " went", " to", " \"the\"", "\n", " <b>&amp;");

    private Samples() {}

    static List<String> tokens(int count) {
        List<String> tokens = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            tokens.add(WORDS.get(i % WORDS.size()));
        }
        return tokens;
    }

    /** Causal attention whose rows sum to 1; above the diagonal {@code masked}. */
    static Grid attention(int heads, int positions, float masked) {
        Random random = new Random(7);
        float[] values = new float[heads * positions * positions];
        Arrays.fill(values, masked);
        for (int row = 0; row < heads * positions; row++) {
            int query = row % positions;
            float sum = 0;
            for (int key = 0; key <= query; key++) {
                values[row * positions + key] = 0.01f + random.nextFloat();
                sum += values[row * positions + key];
            }
            for (int key = 0; key <= query; key++) {
                values[row * positions + key] /= sum;
            }
        }
        List<String> labels = TokenLabels.labels(tokens(positions));
        return new Grid(
                "Attention pattern, layer 1",
                "probability",
                List.of(Axis.counted("head", heads), new Axis("query_pos", labels), new Axis("key_pos", labels)),
                values);
    }

    static LogitLens lens(int components, int positions) {
        List<String> tokens = tokens(positions);
        float[] values = new float[components * positions];
        List<List<List<Prediction>>> top = new ArrayList<>();
        for (int component = 0; component < components; component++) {
            List<List<Prediction>> row = new ArrayList<>();
            for (int pos = 0; pos < positions; pos++) {
                float probability = (component + 1f) / (components + 1);
                values[component * positions + pos] = probability;
                row.add(List.of(
                        new Prediction(0, component, tokens.get(pos), 2, probability),
                        new Prediction(1, 99, " runner", 1, (1 - probability) / 2)));
            }
            top.add(row);
        }
        List<Axis> axes = List.of(Axis.counted("component", components), new Axis("pos", TokenLabels.labels(tokens)));
        return new LogitLens(new Grid("Logit lens", "probability", axes, values), top);
    }

    static Grid matrix(int rows, int columns, float... values) {
        return new Grid(
                "A result", "logit", List.of(Axis.counted("layer", rows), Axis.counted("pos", columns)), values);
    }

    /** Fails if the fragment is not well-formed. */
    static Document parsed(Rendering rendering) {
        String page = "<page>" + rendering.html().orElseThrow() + "</page>";
        try {
            return DocumentBuilderFactory.newInstance()
                    .newDocumentBuilder()
                    .parse(new InputSource(new StringReader(page)));
        } catch (Exception e) {
            throw new AssertionError("not well-formed: " + e.getMessage(), e);
        }
    }

    /** What the script of a picture gets: the element whose type is not a script's. */
    private static Element given(Rendering rendering, String type) {
        NodeList scripts = parsed(rendering).getElementsByTagName("script");
        assertThat(scripts.getLength()).isEqualTo(2);
        Element given = (Element) scripts.item(0);
        assertThat(given.getAttribute("type")).isEqualTo(type);
        return given;
    }

    /** The heat maps that the script of a picture gets. */
    static JsonObject maps(Rendering rendering) {
        return JsonParser.parseString(given(rendering, "application/json").getTextContent())
                .getAsJsonObject();
    }

    /** A panel's number in its row and column, as a reader is told it; empty if there is none. */
    static String number(JsonObject maps, int panel, int row, int column) {
        String[] values = panel(maps, panel).get("values").getAsString().split(",", -1);
        String value = values[row * maps.getAsJsonArray("columns").size() + column];
        return value.isEmpty()
                ? ""
                : new BigDecimal(new BigInteger(value), maps.get("digits").getAsInt()).toPlainString();
    }

    static JsonObject panel(JsonObject maps, int panel) {
        return maps.getAsJsonArray("panels").get(panel).getAsJsonObject();
    }

    static List<String> strings(JsonObject object, String name) {
        return object.getAsJsonArray(name).asList().stream()
                .map(JsonElement::getAsString)
                .toList();
    }

    /** The finished HTML that the script of a picture puts into the page. */
    static Element live(Rendering rendering) {
        return given(rendering, "text/html");
    }

    /** Fails if a picture holds a script but ours, anything from the network, or markup of a token, or is too large. */
    static void standsAlone(Rendering rendering) {
        String html = rendering.html().orElseThrow();
        Element figure = (Element) parsed(rendering).getDocumentElement().getFirstChild();
        assertThat(figure.getTagName()).isEqualTo("figure");
        assertThat(((Element) figure.getElementsByTagName("img").item(0)).getAttribute("alt"))
                .isEqualTo(rendering.alt())
                .isNotBlank();
        assertThat(figure.getElementsByTagName("pre").item(0).getTextContent()).isEqualTo(rendering.text());
        String rest =
                html.replace(Script.element(), "").replaceFirst("<script type=\"(application/json|text/html)\">", "");
        assertThat(rest.length()).isLessThan(html.length() - 1000);
        assertThat(rest)
                .doesNotContain("<script", "<style", "http", " id=", " onclick", "javascript", "<|", "<b>&amp;");
        assertThat(html).hasSizeLessThan(1_000_000);
    }

    static BufferedImage picture(Rendering rendering) throws IOException {
        return ImageIO.read(new ByteArrayInputStream(rendering.png().orElseThrow()));
    }
}
