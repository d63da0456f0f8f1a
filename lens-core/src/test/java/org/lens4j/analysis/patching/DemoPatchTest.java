package org.lens4j.analysis.patching;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.lens4j.Lens;
import org.lens4j.analysis.Grid;
import org.lens4j.model.HookedTransformer;

/** The embedded model knows who gave the drink, and patching finds where that stands. */
class DemoPatchTest {
    @Test
    void patching_finds_the_second_mention_of_the_giver() {
        try (HookedTransformer model = Lens.load("demo")) {
            PatchPairs pairs = PatchPairs.of(
                    model.tokens("When Mary and John went to the store, John gave a drink to"),
                    model.tokens("When Mary and John went to the store, Mary gave a drink to"));
            int giver = pairs.clean().strings(0).lastIndexOf(" John");
            int end = pairs.clean().pos() - 1;
            PatchMetric metric = PatchMetric.recovered(PatchMetric.logitDifference(
                    model.tokenizer().single(" Mary"), model.tokenizer().single(" John")));
            PatchResult result = ActivationPatch.of(model, pairs, metric).run(PatchSite.residPre());
            Grid grid = result.grid();
            assertThat(grid.at(0, giver)).isCloseTo(1, org.assertj.core.data.Offset.offset(1e-3f));
            for (int pos = 0; pos < end; pos++) {
                if (pos != giver) {
                    assertThat(grid.at(0, pos)).as("position " + pos).isBetween(-1e-3f, 1e-3f);
                }
            }
            // Later the answer has moved to the end.
            int last = model.config().nLayers() - 1;
            assertThat(grid.at(last, end)).isGreaterThan(0.5f).isGreaterThan(grid.at(last, giver));
            assertThat(grid.axis("pos").labels().get(giver)).contains("Mary");
        }
    }
}
