package org.lens4j.kernel.browser;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.lens4j.Lens;
import org.lens4j.analysis.Grid;
import org.lens4j.analysis.circuits.HeadScores;
import org.lens4j.analysis.circuits.NeuronExamples;
import org.lens4j.analysis.circuits.RepeatedTokens;
import org.lens4j.analysis.circuits.SingularDirections;
import org.lens4j.analysis.circuits.WeightPlace;
import org.lens4j.analysis.logits.LensOptions;
import org.lens4j.analysis.logits.LensReading;
import org.lens4j.analysis.residual.Answers;
import org.lens4j.analysis.residual.LogitAttribution;
import org.lens4j.model.HookedTransformer;
import org.lens4j.text.TokenLabels;
import org.openqa.selenium.Keys;
import org.openqa.selenium.WebElement;

/** Scores of heads, attribution, directions, neurons, entropy and divergence in the distribution's Jupyter Notebook; and tables. */
@InNotebook
class AnalysesInNotebookTest implements PictureLaws {
    private static final String PROMPT = NotebookPage.PROMPT;
    private static final List<String> TEXTS = List.of(PROMPT + " Mary.", "The capital of France is Paris.");
    private static final NeuronExamples.Neuron NEURON = new NeuronExamples.Neuron(1, 37);

    @RegisterExtension
    static final NotebookPage PAGE = NotebookPage.of("analyses", cells(), Kind.values().length);

    private static Grid heads;
    private static LogitAttribution parts;
    private static SingularDirections directions;
    private static NeuronExamples neuron;
    private static LensReading reading;

    /** A picture of each kind, in the order of the cells. */
    enum Kind {
        HEADS("%heads --seed 1", "", "[data-row='0']", Keys.ARROW_RIGHT),
        PARTS("%dla \" Mary\" \" John\"", "", "th", Keys.ARROW_DOWN),
        DIRECTIONS(
                "SingularDirections.of(lens.model(), new WeightPlace.Ov(1, 0), 3, 6)",
                "",
                ".lens4j-text b",
                Keys.ARROW_RIGHT),
        NEURONS(
                "var texts = List.of(\"%s\", \"%s\");\n%%neurons 1.37 --texts $texts -k 3"
                        .formatted(TEXTS.get(0), TEXTS.get(1)),
                "Neuron L1N37: 3 places in texts, each token coloured by the activation on it. Most active, ",
                ".lens4j-text b",
                Keys.ARROW_RIGHT),
        ENTROPY(
                "var reading = LensReading.of(lens.model(), lens.tokens(), LensOptions.defaults());\n"
                        + "CurvesView.of(reading.entropy())",
                "",
                "svg text",
                Keys.ARROW_RIGHT),
        KL("CurvesView.of(reading.kl())", "", "svg text", Keys.ARROW_RIGHT);

        private final String cell;
        private final String alt;
        private final String words;
        private final Keys arrow;

        Kind(String cell, String alt, String words, Keys arrow) {
            this.cell = cell;
            this.alt = alt;
            this.words = words;
            this.arrow = arrow;
        }

        Picture picture() {
            int index = List.of(values()).indexOf(this);
            return new Picture(PAGE, index, name().toLowerCase(Locale.ROOT), alt, words, Optional.of(arrow));
        }
    }

    @BeforeAll
    static void compute_what_they_show() {
        try (HookedTransformer model = Lens.load("demo")) {
            heads = HeadScores.all(model, RepeatedTokens.random(model.config(), 16, 1));
            Answers answers = Answers.of(model.answer(" Mary")).against(model.answer(" John"));
            parts = LogitAttribution.of(model, model.tokens(PROMPT), answers, LogitAttribution.By.LAYER);
            directions = SingularDirections.of(model, new WeightPlace.Ov(1, 0), 3, 6);
            neuron = NeuronExamples.ofTexts(model, TEXTS, List.of(NEURON), 3, NeuronExamples.USUAL_CONTEXT)
                    .get(0);
            reading = LensReading.of(model, model.tokens(PROMPT), LensOptions.defaults());
        }
    }

    private static List<String> cells() {
        Stream<String> before = Stream.of("%load demo", "%prompt " + PROMPT, "%tokens");
        return Stream.concat(before, Arrays.stream(Kind.values()).map(it -> it.cell))
                .toList();
    }

    @Override
    public NotebookPage page() {
        return PAGE;
    }

    @Override
    public List<Picture> pictures() {
        return Arrays.stream(Kind.values()).map(Kind::picture).toList();
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, "%.2f", value);
    }

    /** How far a said number is from the true one. */
    private static void requireSaid(String tip, String before, double value, String after) {
        assertThat(tip).startsWith(before + " : ").endsWith(after);
        String said = tip.substring(before.length() + 3, tip.length() - after.length());
        assertThat(Double.parseDouble(said)).as(tip).isCloseTo(value, within(0.005 * Math.max(0.02, Math.abs(value))));
    }

    @Test
    void a_head_of_the_grid_says_its_name_and_its_score_of_each_kind() {
        List<WebElement> kinds = Kind.HEADS.picture().all("button");
        assertThat(kinds).hasSize(heads.axis("kind").size());
        for (int kind = 0; kind < kinds.size(); kind++) {
            kinds.get(kind).click();
            assertThat(PAGE.pointedAt(PAGE.cell(0, 1, 0)))
                    .isEqualTo("%s, L1H0 : %s"
                            .formatted(heads.axis("kind").labels().get(kind), number(heads.at(kind, 1, 0))));
            kinds.get(kind).click();
        }
    }

    @Test
    void a_bar_of_an_attribution_says_its_part_and_is_as_long_as_what_it_does() {
        List<WebElement> rows = Kind.PARTS.picture().all("tr");
        float[] values = parts.mean().values();
        assertThat(rows).hasSize(values.length);
        double most = 0;
        for (float value : values) {
            most = Math.max(most, Math.abs(value));
        }
        for (int i = 0; i < values.length; i++) {
            String part = parts.mean().axes().get(0).labels().get(i);
            requireSaid(PAGE.pointedAt(rows.get(i)), part, values[i], " logit");
            Object share = PAGE.browser()
                    .script(
                            "const all = [...arguments[0].closest('table').querySelectorAll('s')].map(it => it.offsetWidth);"
                                    + "return arguments[0].querySelector('s').offsetWidth / Math.max(...all)",
                            rows.get(i));
            assertThat(((Number) share).doubleValue()).as(part).isCloseTo(Math.abs(values[i]) / most, within(0.01));
        }
    }

    @Test
    void a_token_of_a_direction_says_what_is_added_to_its_logit() {
        SingularDirections.TokenScore second =
                directions.directions().get(0).raised().get(1);
        WebElement token = Kind.DIRECTIONS.picture().all("[data-tip]").get(1);
        requireSaid(
                PAGE.pointedAt(token), TokenLabels.visible(second.text()), second.logit(), "\ntoken id " + second.id());
        assertThat(Kind.DIRECTIONS.picture().all("[data-tip]"))
                .hasSize(2 * 6 * directions.directions().size());
    }

    @Test
    void each_place_of_a_neuron_is_underlined_and_says_the_activation_on_it() {
        List<WebElement> peaks = Kind.NEURONS.picture().all(".lens4j-peak");
        assertThat(peaks).hasSameSizeAs(neuron.places());
        for (NeuronExamples.Place place : neuron.places()) {
            String where = "\ntext %d, position %d".formatted(place.text(), place.pos());
            WebElement peak = peaks.stream()
                    .filter(it -> String.valueOf(it.getAttribute("data-tip")).endsWith(where))
                    .findFirst()
                    .orElseThrow();
            String token = TokenLabels.visible(place.tokens().get(place.peak()));
            requireSaid(PAGE.pointedAt(peak), token, place.activation(), where);
        }
    }

    @Test
    void a_point_of_the_entropy_and_of_the_divergence_says_its_curve_its_token_and_its_value() {
        requirePoint(Kind.ENTROPY, reading.entropy());
        requirePoint(Kind.KL, reading.kl());
    }

    private static void requirePoint(Kind kind, Grid grid) {
        int across = grid.axes().get(1).size();
        List<WebElement> points = kind.picture().all("circle");
        assertThat(points).hasSize(grid.values().length);
        String name = grid.axes().get(0).labels().get(1);
        String token = grid.axes().get(1).labels().get(3);
        // Where curves meet, the later one lies above.
        PAGE.browser().script("arguments[0].parentNode.append(arguments[0])", points.get(across + 3));
        requireSaid(
                PAGE.pointedAt(points.get(across + 3)),
                "%s, position %s".formatted(name.matches("\\d+") ? "component " + name : name, token),
                grid.at(1, 3),
                "");
    }

    @Test
    void each_line_stands_out_in_dark_and_in_light() {
        for (String theme : List.of("true", "false")) {
            PAGE.browser().theme(theme);
            assertThat(Kind.ENTROPY.picture().all("circle")).as(theme).allSatisfy(it -> assertThat(
                            PAGE.browser().contrast(it, "fill"))
                    .isGreaterThan(3));
            assertThat(Kind.PARTS.picture().all("s")).as(theme).allSatisfy(it -> assertThat(
                            PAGE.browser().contrast(it, "background-color"))
                    .isGreaterThan(3));
        }
    }

    @Test
    void a_table_is_read_in_dark_and_in_light() throws IOException {
        for (String theme : List.of("true", "false")) {
            PAGE.browser().theme(theme);
            PAGE.browser().point(PAGE.browser().first(".output_area table", NotebookPage.PATIENCE));
            PAGE.browser().keep("table-" + (theme.equals("true") ? "light" : "dark"));
            assertThat(PAGE.browser()
                            .all(".output_area table td, .output_area table th, .output_area table caption")
                            .subList(0, 12))
                    .allSatisfy(it ->
                            assertThat(PAGE.browser().contrast(it)).as(theme).isGreaterThan(7));
        }
    }
}
