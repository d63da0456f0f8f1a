package org.lens4j.kernel.magic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.data.Offset.offset;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.lens4j.analysis.Grid;
import org.lens4j.analysis.patching.PatchResult;
import org.lens4j.analysis.patching.PatchSite;
import org.lens4j.analysis.residual.LogitAttribution;
import org.lens4j.kernel.display.MimeBundle;

/** {@code %dla}, {@code %patch}, {@code %attribute}, {@code %ablate}, {@code %heads}: what causes the answer. */
class CausalMagicsTest {
    private static final DemoMagics MAGICS = new DemoMagics();
    private static final String ANSWERS = "\" Mary\" \" John\"";
    private static final String PAIR =
            ANSWERS + " --corrupted \"When Mary and John went to the store, Mary gave a drink to\"";

    @BeforeEach
    void begin() {
        MAGICS.host().stopAfter(Integer.MAX_VALUE);
    }

    @AfterAll
    static void close() {
        MAGICS.close();
    }

    @Test
    void an_attribution_is_shown_with_its_total() throws Exception {
        LogitAttribution found = MAGICS.value("%dla " + ANSWERS, LogitAttribution.class);
        assertThat(found.sum(0)).isCloseTo(found.total(), offset(1e-3f));
        MimeBundle shown = MAGICS.shown("%dla " + ANSWERS);
        assertThat(shown.plain()).contains("1_mlp_out", "·Mary − ·John: 6.151 in all.");
        assertThat(shown.data().get(MimeBundle.HTML)).contains("·Mary − ·John: 6.151 in all.");
        assertThat(shown.data()).containsKey(MimeBundle.PNG);
    }

    @Test
    void patching_finds_the_giver_and_the_other_way_breaks_there() throws Exception {
        int giver = MAGICS.lens().tokens().strings(0).lastIndexOf(" John");
        Grid back = MAGICS.value("%patch " + PAIR, PatchResult.class).grid();
        assertThat(back.at(0, giver)).isGreaterThan(0.99f);
        assertThat(back.at(0, giver - 1)).isBetween(-0.01f, 0.01f);
        Grid broken =
                MAGICS.value("%patch --noising " + PAIR, PatchResult.class).grid();
        assertThat(broken.at(0, giver)).isLessThan(0.01f);
        assertThat(MAGICS.shown("%patch " + PAIR).plain()).contains("clean 1.0000, corrupted 0.0000");
    }

    @Test
    void several_metrics_and_the_pairs_of_a_file_are_shown_in_full(@TempDir Path folder) throws Exception {
        assertThat(MAGICS.shown("%patch " + PAIR + " --metric logit_diff --metric kl --what head_out")
                        .plain())
                .contains("logit difference of ·Mary − ·John, patching head_out", "KL to clean, patching head_out");
        Path file = Files.write(
                folder.resolve("pairs.jsonl"),
                List.of(
                        "{\"label\": \"one\", \"clean\": \"Mary met John, John\", \"corrupted\": \"Mary met John, Mary\", \"answer\": \" gave\", \"wrong\": \" to\"}",
                        "{\"label\": \"two\", \"clean\": \"Then Tom met Anna, Anna\", \"corrupted\": \"Then Tom met Anna, Tom\", \"answer\": \" gave\", \"wrong\": \" to\"}"));
        PatchResult found = MAGICS.value("%patch --what head_out --pairs \"" + file + "\"", PatchResult.class);
        assertThat(found.scores().get(0).perPrompt().axis("prompt").labels()).containsExactly("one", "two");
        assertThat(MAGICS.shown("%patch --each --what head_out --pairs \"" + file + "\"")
                        .plain())
                .contains("head_out, low (share)", "head_out, two (share)", "Mean over 2 prompts.");
    }

    @Test
    void an_estimate_names_the_head_that_patching_names() throws Exception {
        float[] patched = MAGICS.value("%patch --what head_out " + PAIR, PatchResult.class)
                .grid()
                .values();
        float[] estimated = MAGICS.value("%attribute --what head_out " + PAIR, PatchResult.class)
                .grid()
                .values();
        assertThat(strongest(estimated)).isEqualTo(strongest(patched)).isEqualTo(3);
    }

    @Test
    void an_estimate_takes_several_metrics_as_patching_does() throws Exception {
        String both = "%attribute --metric logit_diff --metric prob --what head_out " + PAIR;
        PatchResult estimated = MAGICS.value(both, PatchResult.class);
        float[] alone = MAGICS.value("%attribute --metric prob --what head_out " + PAIR, PatchResult.class)
                .grid()
                .values();
        assertThat(estimated.grid("probability").values()).isEqualTo(alone);
        assertThat(MAGICS.shown(both).plain())
                .contains(
                        "logit difference of ·Mary − ·John, patching head_out (estimated)",
                        "probability of ·Mary, patching head_out (estimated)");
    }

    private static int strongest(float... values) {
        int best = 0;
        for (int i = 1; i < values.length; i++) {
            best = values[i] > values[best] ? i : best;
        }
        return best;
    }

    @Test
    void an_ablation_shows_what_is_lost() throws Exception {
        PatchResult without = MAGICS.value("%ablate " + ANSWERS, PatchResult.class);
        assertThat(MAGICS.shown("%ablate " + ANSWERS).plain())
                .contains("Change of logit difference of ·Mary − ·John, without head_out", "The whole model: 6.1513.");
        assertThat(without.shown().at(0, 1)).as("the head everything rests on").isLessThan(-8);
        assertThat(MAGICS.shown("%ablate").plain()).contains("Change of loss");
        assertThat(MAGICS.shown("%ablate " + ANSWERS + " --metric loss --metric prob")
                        .plain())
                .contains("Change of loss", "Change of probability");
        assertThat(MAGICS.shown("%ablate \" Mary\"").plain()).contains("Change of logit of ·Mary, ");
    }

    @Test
    void heads_are_scored_and_the_best_are_named() throws Exception {
        assertThat(MAGICS.shown("%heads").plain())
                .contains("Most previous: L0H0, ")
                .contains("Most induction: L1H0, ")
                .endsWith("Read: 16 rows of 50 random tokens of the whole vocabulary, a block of them twice, seed 0.");
        assertThat(MAGICS.shown("%heads --detect induction --seed 3").plain())
                .contains("Most induction: L1H0, ")
                .endsWith("seed 3.");
        assertThat(MAGICS.value("%heads --composition k", Grid.class)
                        .axes()
                        .get(0)
                        .name())
                .isEqualTo("writer");
    }

    static List<String> sweeps() {
        return List.of("%patch " + PAIR, "%ablate --what head_out_by_pos " + ANSWERS, "%attribute --steps 4 " + PAIR);
    }

    @ParameterizedTest
    @MethodSource("sweeps")
    void a_stopped_sweep_keeps_what_it_has_and_the_session(String line) throws Exception {
        PatchResult whole = MAGICS.value(line, PatchResult.class);
        PatchResult part = whole;
        for (int asked = 1; part.isComplete() || part.progress().done() == 0; asked++) {
            MAGICS.host().stopAfter(asked);
            part = MAGICS.value(line + " -o part", PatchResult.class);
            MAGICS.host().stopAfter(Integer.MAX_VALUE);
            assertThat(part.isComplete()).as("asked %d times", asked).isFalse();
        }
        assertThat(part.progress().done()).isPositive();
        assertThat(MAGICS.host().variable("part")).contains(part);
        assertThat(MAGICS.host().displays().of(part).plain()).contains("Stopped after ");
        float[] all = whole.grid().values();
        float[] some = part.grid().values();
        for (int i = 0; i < all.length; i++) {
            if (!Float.isNaN(some[i])) {
                assertThat(some[i]).isCloseTo(all[i], offset(1e-4f));
            }
        }
        assertThat(MAGICS.value(line, PatchResult.class).isComplete()).isTrue();
    }

    @Test
    void every_place_to_patch_is_a_method_of_its_name() throws Exception {
        for (PatchSite site : PatchSite.all()) {
            assertThat(PatchSite.class.getMethod(SiteFlags.method(site.name())).invoke(null))
                    .isEqualTo(site);
        }
    }
}
