package org.lens4j.viz;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.Color;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.knowm.xchart.CategoryChart;
import org.knowm.xchart.XYChart;
import org.lens4j.analysis.Axis;
import org.lens4j.analysis.Grid;
import org.lens4j.error.ShapeException;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

class CurvesViewTest {
    private static Grid curves(int curves, int points) {
        float[] values = new float[curves * points];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) Math.sin(i);
        }
        return new Grid("Curves", "nats", List.of(Axis.counted("layer", curves), Axis.counted("step", points)), values);
    }

    private static Element dot(Rendering shown, int index) {
        return (Element) Samples.live(shown).getElementsByTagName("circle").item(index);
    }

    @Test
    void a_text_that_leaves_points_out_says_so_in_words() {
        Grid loss = new Grid("Loss", "nats", List.of(Axis.counted("step", 100)), new float[100]);
        assertThat(CurvesView.of(loss).text()).containsPattern("Shown: one point of every \\d\\.");
    }

    @Test
    void each_point_says_its_number_and_stands_as_high_as_that() {
        Rendering shown = CurvesView.ofSteps("Loss", "nats", List.of(4f, 2f, 3f));
        assertThat(dot(shown, 1).getAttribute("data-tip")).isEqualTo("step 1 : 2");
        double four = Double.parseDouble(dot(shown, 0).getAttribute("cy"));
        double two = Double.parseDouble(dot(shown, 1).getAttribute("cy"));
        double three = Double.parseDouble(dot(shown, 2).getAttribute("cy"));
        assertThat(four).isLessThan(three);
        assertThat(three).isCloseTo((two + four) / 2, org.assertj.core.data.Offset.offset(0.1));
    }

    @Test
    void a_gap_is_a_gap() {
        Rendering shown = CurvesView.ofSteps("Loss", "nats", List.of(4f, Float.NaN, 3f, 2f));
        NodeList paths = Samples.live(shown).getElementsByTagName("path");
        String curve = ((Element) paths.item(paths.getLength() - 1)).getAttribute("d");
        assertThat(curve.chars().filter(it -> it == 'M')).hasSize(2);
        assertThat(Samples.live(shown).getElementsByTagName("circle").getLength())
                .isEqualTo(3);
    }

    @Test
    void a_long_training_is_shown_by_means() {
        List<Float> losses = new ArrayList<>();
        for (int i = 0; i < 1000; i++) {
            losses.add(i % 3 == 0 ? 1f : 4f);
        }
        Rendering shown = CurvesView.ofSteps("Loss", "nats", losses);
        assertThat(shown.html().orElseThrow()).contains("Downsampled: each point is the mean of 3.");
        assertThat(dot(shown, 0).getAttribute("data-tip")).isEqualTo("step 0 : 3");
    }

    @ParameterizedTest
    @CsvSource({"1,1", "1,2", "3,20", "8,400", "24,400", "60,5000"})
    void every_size_stands_alone_within_a_megabyte(int curves, int points) {
        Samples.standsAlone(CurvesView.of(curves(curves, points)));
    }

    @Test
    void curves_are_told_apart_by_more_than_colour() throws IOException {
        Rendering shown = CurvesView.of(curves(3, 20));
        NodeList paths = Samples.live(shown).getElementsByTagName("path");
        List<String> dashes = new ArrayList<>();
        for (int i = 0; i < paths.getLength(); i++) {
            Element path = (Element) paths.item(i);
            if (path.getAttribute("fill").equals("none")) {
                dashes.add(path.getAttribute("stroke-dasharray"));
            }
        }
        assertThat(dashes).hasSize(3).doesNotHaveDuplicates();
        BufferedImage image = Samples.picture(shown);
        int[] pixels = image.getRGB(0, 0, image.getWidth(), image.getHeight(), null, 0, image.getWidth());
        for (Color color : Palette.CATEGORIES.subList(0, 3)) {
            assertThat(pixels).contains(color.getRGB());
        }
    }

    @Test
    void labels_make_a_chart_of_categories_and_counts_one_of_numbers() {
        assertThat(CurvesView.toXChart(curves(1, 5))).isInstanceOf(XYChart.class);
        Grid tokens = new Grid("t", "nats", List.of(new Axis("pos", List.of("0 a", "1·b"))), new float[] {1, 2});
        assertThat(CurvesView.toXChart(tokens)).isInstanceOf(CategoryChart.class);
        assertThat(Samples.live(CurvesView.of(tokens)).getTextContent()).contains("0 a", "1·b");
    }

    @Test
    void the_text_is_a_table() {
        assertThat(CurvesView.of(Samples.matrix(2, 2, 1, 2, 3, 4.5f)).text())
                .isEqualTo("A result (logit)\npos  layer 0  layer 1\n0          1        3\n1          2      4.5");
    }

    @Test
    void other_axes_are_sent_elsewhere() {
        assertThatThrownBy(() -> CurvesView.of(Samples.attention(1, 2, 0)))
                .isInstanceOf(ShapeException.class)
                .hasMessageContaining("Curves need the axes [x] or [curve x]");
    }

    @Test
    void nothing_to_show_says_so() {
        assertThat(CurvesView.ofSteps("Loss", "nats", List.of()).text()).isEqualTo("Loss: nothing to show");
    }
}
