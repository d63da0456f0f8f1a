package org.lens4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lens4j.Lens;
import org.lens4j.analysis.logits.LensOptions;
import org.lens4j.analysis.logits.LensReading;
import org.lens4j.analysis.logits.ResidualPoint;
import org.lens4j.model.HookedTransformer;
import org.lens4j.train.lens.TunedLens;
import org.lens4j.viz.GridView;
import org.lens4j.viz.LogitLensView;

class LensVerbTest {
    private static final String PROMPT = "When Mary and John went to the store, John gave a drink to";

    private static MainTest.Ended read(String... words) {
        String[] all = new String[words.length + 4];
        System.arraycopy(new String[] {"lens", "demo", "--text", PROMPT}, 0, all, 0, 4);
        System.arraycopy(words, 0, all, 4, words.length);
        return MainTest.lens(all);
    }

    private static LensReading reading(LensOptions options, HookedTransformer demo) {
        return LensReading.of(demo, demo.tokens(PROMPT), options);
    }

    @Test
    void every_what_shows_its_grid() {
        try (HookedTransformer demo = Lens.load("demo")) {
            long mary = demo.tokenizer().single(" Mary");
            LensReading seen = reading(LensOptions.defaults().withMiddles().withTarget(mary), demo);
            assertThat(read("--mid").out())
                    .isEqualTo(line(LogitLensView.of(seen.lens()).text()));
            assertThat(read("--mid", "--what", "entropy").out())
                    .isEqualTo(line(GridView.of(seen.entropy()).text()));
            assertThat(read("--mid", "--what", "kl").out())
                    .isEqualTo(line(GridView.of(seen.kl()).text()));
            assertThat(read("--mid", "--what", "loss").out())
                    .isEqualTo(line(GridView.of(seen.loss()).text()));
            assertThat(read("--mid", "--what", "probability").out())
                    .isEqualTo(line(GridView.of(seen.lens().probability()).text()));
            assertThat(read("--mid", "--what", "probability", "--target", " Mary")
                            .out())
                    .isEqualTo(line(GridView.of(seen.targetProbability().slice("target", 0))
                            .text()));
            assertThat(read("--mid", "--what", "rank", "--target", " Mary").out())
                    .isEqualTo(line(GridView.of(seen.rank().slice("target", 0)).text()));
        }
    }

    private static String line(String text) {
        return text + System.lineSeparator();
    }

    @Test
    void it_reads_through_a_tuned_lens_from_a_file(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("lens.safetensors");
        try (HookedTransformer demo = Lens.load("demo")) {
            TunedLens.identity(demo.config(), ResidualPoint.beforeBlocks(demo.config()))
                    .save(file);
        }
        assertThat(read("--what", "kl", "--tuned", file.toString()).out())
                .isEqualTo(read("--what", "kl").out());
    }

    @Test
    void results_are_written_for_programs_too(@TempDir Path folder) throws IOException {
        Path png = folder.resolve("lens.png");
        MainTest.Ended ended = read("--csv", "-", "--png", png.toString());
        assertThat(ended.code()).as(ended.err()).isZero();
        assertThat(ended.out().lines().findFirst())
                .hasValue("component,pos,Logit lens: probability of the likeliest next token,Likeliest next token");
        assertThat(ended.out().strip()).endsWith(",\" Mary\"");
        assertThat(read("--json", "-").out())
                .contains("\"title\":\"Likeliest next token\",\"unit\":\"text\"", "\" Mary\"]]");
        assertThat(png).isNotEmptyFile();
        assertThat(read("--what", "kl", "--json", "-").out()).startsWith("{\"title\":\"Divergence from the final");
        assertThat(read("--png", "-").err()).startsWith("--png - would print what a terminal cannot show.");
    }

    @Test
    void wrong_words_are_answered_with_the_right_ones() {
        assertThat(read("--what", "rank").err()).startsWith("--what rank needs a token to follow: --target ' Mary'");
        assertThat(read("--what", "entorpy").err())
                .startsWith("Unknown --what \"entorpy\" in the logit lens. Closest of 6: entropy");
        assertThat(read("--what", "rank", "--target", " Maryland").err())
                .startsWith("\" Maryland\" is ")
                .contains("and one is needed");
        assertThat(read("--what", "rank", "--target", "Mary").out())
                .contains("\"Mary\" begins without a space, and a word inside a text has one");
    }
}
