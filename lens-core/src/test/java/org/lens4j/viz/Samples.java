package org.lens4j.viz;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.StringReader;
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

    static BufferedImage picture(Rendering rendering) throws IOException {
        return ImageIO.read(new ByteArrayInputStream(rendering.png().orElseThrow()));
    }
}
