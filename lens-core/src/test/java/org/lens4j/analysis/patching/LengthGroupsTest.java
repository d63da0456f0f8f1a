package org.lens4j.analysis.patching;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.lens4j.Lens;
import org.lens4j.analysis.Grid;
import org.lens4j.analysis.prompts.IndirectObjects;
import org.lens4j.analysis.prompts.PromptPair;
import org.lens4j.analysis.prompts.PromptPairs;
import org.lens4j.error.UsageException;
import org.lens4j.model.HookedTransformer;

/** Pairs of several lengths in one sweep, beside each pair patched by itself. */
class LengthGroupsTest {
    private static final float ROUNDING = 1e-4f;

    private static HookedTransformer model;
    private static PromptPairs mixed;

    @BeforeAll
    static void load() {
        model = Lens.load("demo");
        mixed = IndirectObjects.standard().pairs(model, 7, 2);
        assertThat(mixed.byLength()).hasSizeGreaterThan(1);
    }

    @AfterAll
    static void free() {
        model.close();
    }

    private static ActivationPatch patch(PromptPairs pairs, PatchMetric... metrics) {
        return ActivationPatch.of(model, PatchPairs.of(pairs), metrics);
    }

    private static PromptPairs only(int pair) {
        return new PromptPairs("one", 0, List.of(mixed.pairs().get(pair)));
    }

    private static Grid row(PatchResult result, int prompt) {
        return result.scores().get(0).perPrompt().slice("prompt", prompt);
    }

    @ParameterizedTest
    @ValueSource(strings = {"head_out", "attn_out_all_pos", "neurons"})
    void every_pair_has_what_it_has_by_itself_in_its_place(String name) {
        PatchSite site = PatchSite.named(name).inLayers(1);
        PatchResult all = new LengthGroups(mixed)
                .run(site, group -> patch(group, PatchMetric.logitDifference(group), PatchMetric.klToClean()));
        assertThat(all.isComplete()).isTrue();
        assertThat(all.scores()).hasSize(2);
        assertThat(all.scores().get(0).perPrompt().axis("prompt").labels())
                .containsExactly("0", "1", "2", "3", "4", "5", "6");
        for (int i = 0; i < mixed.size(); i++) {
            PatchResult one =
                    patch(only(i), PatchMetric.logitDifference(only(i))).run(site);
            assertThat(row(all, i).values()).containsExactly(row(one, 0).values(), within(ROUNDING));
            assertThat(all.scores().get(0).clean().get(i))
                    .isCloseTo(one.scores().get(0).clean().get(0), within(ROUNDING));
            assertThat(all.scores().get(0).corrupted().get(i))
                    .isCloseTo(one.scores().get(0).corrupted().get(0), within(ROUNDING));
        }
    }

    @Test
    void by_position_each_named_position_is_its_own_in_every_pair() {
        PatchResult all = new LengthGroups(mixed)
                .run(PatchSite.headOutByPos(), group -> patch(group, PatchMetric.logitDifference(group)));
        List<String> names = all.grid().axis("pos").labels();
        assertThat(names).contains("S2", "IO").endsWith("end");
        assertThat(all.grid().shape()).isEqualTo("[layer=3 pos=5 head=2]");
        for (int i = 0; i < mixed.size(); i++) {
            PromptPair pair = mixed.pairs().get(i);
            Grid one = row(patch(only(i), PatchMetric.logitDifference(only(i))).run(PatchSite.headOutByPos()), 0);
            for (int name = 0; name < names.size(); name++) {
                int pos = pair.position(names.get(name));
                for (int layer = 0; layer < 3; layer++) {
                    assertThat(row(all, i).at(layer, name, 1))
                            .as("%s of pair %d", names.get(name), i)
                            .isCloseTo(one.at(layer, pos, 1), within(ROUNDING));
                }
            }
        }
        Grid recovered = new LengthGroups(mixed)
                .run(
                        PatchSite.residPre(),
                        group -> patch(group, PatchMetric.recovered(PatchMetric.logitDifference(group))))
                .grid();
        assertThat(recovered.at(0, names.indexOf("S2"))).isCloseTo(1, within(1e-3f));
    }

    @Test
    void both_ends_of_a_pattern_are_named() {
        PatchSite site = PatchSite.headPatternByBoth().inLayers(1);
        PatchResult all = new LengthGroups(mixed).run(site, group -> patch(group, PatchMetric.logitDifference(group)));
        List<String> names = all.grid().axis("key_pos").labels();
        assertThat(all.grid().axis("query_pos").labels()).isEqualTo(names);
        PromptPair last = mixed.pairs().get(6);
        Grid one = row(patch(only(6), PatchMetric.logitDifference(only(6))).run(site), 0);
        assertThat(row(all, 6).at(0, 1, names.indexOf("end"), names.indexOf("IO")))
                .isCloseTo(one.at(0, 1, last.position("end"), last.position("IO")), within(ROUNDING));
    }

    @Test
    void shares_are_of_the_way_between_all_pairs() {
        PatchResult shares = new LengthGroups(mixed)
                .run(
                        PatchSite.headOut(),
                        group -> patch(
                                group,
                                PatchMetric.recovered(PatchMetric.logitDifference(group)),
                                PatchMetric.logitDifference(group)));
        PatchScores plain = shares.scores("logit difference");
        for (int head = 0; head < 2; head++) {
            float share =
                    (plain.mean().at(1, head) - plain.corruptedMean()) / (plain.cleanMean() - plain.corruptedMean());
            assertThat(shares.grid().at(1, head)).isCloseTo(share, within(ROUNDING));
        }
        assertThat(shares.scores().get(0).cleanMean()).isCloseTo(1, within(ROUNDING));
    }

    @Test
    void an_estimate_is_that_of_each_length() {
        PatchResult all = new LengthGroups(mixed)
                .run(
                        PatchSite.headOut(),
                        group -> AttributionPatch.of(model, PatchPairs.of(group), PatchMetric.logitDifference(group)));
        PromptPairs one = only(3);
        PatchResult alone = AttributionPatch.of(model, PatchPairs.of(one), PatchMetric.logitDifference(one))
                .run(PatchSite.headOut());
        assertThat(row(all, 3).values()).containsExactly(row(alone, 0).values(), within(ROUNDING));
        assertThat(all.site()).isEqualTo("head_out (estimated)");
    }

    @Test
    void pairs_of_one_length_are_patched_as_ever() {
        PromptPairs alike = mixed.byLength().values().iterator().next();
        PatchResult plain = patch(alike, PatchMetric.logitDifference(alike)).run(PatchSite.residPre());
        PatchResult grouped = new LengthGroups(alike)
                .run(PatchSite.residPre(), group -> patch(group, PatchMetric.logitDifference(group)));
        assertThat(grouped.grid().axes()).isEqualTo(plain.grid().axes());
        assertThat(grouped.grid().values()).isEqualTo(plain.grid().values());
    }

    @Test
    void stopped_it_has_the_pairs_it_came_to() {
        List<PatchProgress> seen = new ArrayList<>();
        int first = mixed.byLength().values().iterator().next().size();
        PatchListener inTheSecond = new PatchListener() {
            @Override
            public void at(PatchProgress progress) {
                seen.add(progress);
            }

            @Override
            public boolean stops() {
                return !seen.isEmpty() && seen.get(seen.size() - 1).done() >= 6;
            }
        };
        PatchResult part = new LengthGroups(mixed)
                .run(PatchSite.headOut(), group -> patch(group, PatchMetric.logitDifference(group)), inTheSecond);
        assertThat(part.isComplete()).isFalse();
        assertThat(part.progress())
                .isEqualTo(new PatchProgress(6, 6 * mixed.byLength().size()));
        assertThat(part.scores().get(0).clean()).hasSize(first);
        assertThat(part.grid().values()).doesNotContain(Float.NaN);
        assertThat(seen).last().isEqualTo(part.progress());
    }

    @Test
    void without_names_positions_are_refused_before_anything_is_run() {
        List<PromptPair> unnamed = mixed.pairs().stream()
                .map(it -> new PromptPair(
                        it.clean(),
                        it.corrupted(),
                        it.cleanTokens(),
                        it.corruptedTokens(),
                        it.answers(),
                        it.wrong(),
                        Map.of(),
                        it.label()))
                .toList();
        LengthGroups groups = new LengthGroups(new PromptPairs("mine", 0, unnamed));
        assertThatThrownBy(() -> groups.run(PatchSite.headOutByPos(), group -> {
                    throw new IllegalStateException("was run");
                }))
                .isInstanceOf(UsageException.class)
                .hasMessageStartingWith("The pairs of mine have different lengths: ")
                .hasMessageContaining(" tokens [")
                .hasMessageContaining("head_out_by_pos goes position by position, and no position has a name")
                .hasMessageContaining("\"positions\": {\"giver\": 10, \"end\": -1}")
                .hasMessageContaining("such as head_out");
        assertThat(groups.run(PatchSite.headOut(), group -> patch(group, PatchMetric.logitDifference(group)))
                        .isComplete())
                .isTrue();
    }
}
