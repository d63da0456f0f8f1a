package org.lens4j.kernel.display;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.lens4j.Lens;
import org.lens4j.analysis.Axis;
import org.lens4j.analysis.Grid;
import org.lens4j.model.HookedTransformer;
import tech.tablesaw.api.IntColumn;
import tech.tablesaw.api.Table;

/** What a reader sees of a value without asking for a picture. */
class LensDisplaysTest {
    private final Displays displays = LensDisplays.standard();

    @Test
    void a_list_of_hook_points_is_a_table_and_another_list_is_its_text() {
        try (HookedTransformer model = Lens.load("demo")) {
            MimeBundle shown = displays.of(model.hooks().matching("blocks.*.attn.hook_pattern"));
            assertThat(shown.data()).containsKey(MimeBundle.HTML);
            assertThat(shown.plain())
                    .contains("hook_point", "blocks.1.attn.hook_pattern", "[batch head query_pos key_pos]");
        }
        assertThat(displays.of(List.of(1, "a"))).isEqualTo(MimeBundle.text("[1, a]"));
        assertThat(displays.of(List.of())).isEqualTo(MimeBundle.text("[]"));
    }

    @Test
    void models_caches_and_tokens_are_tables() {
        try (HookedTransformer model = Lens.load("demo")) {
            assertThat(displays.of(model).plain()).contains("residual stream (d_model)", "64");
            assertThat(displays.of(model).data()).containsKey(MimeBundle.HTML);
            assertThat(displays.of(model.tokens("a store")).plain()).contains("store");
            try (var cache = model.cache(model.tokens("a store"), "blocks.*.hook_resid_post")) {
                assertThat(displays.of(cache).data()).containsKey(MimeBundle.HTML);
                assertThat(displays.of(cache).plain()).contains("blocks.2.hook_resid_post", "[1, 3, 64]");
                assertThat(displays.of(cache.get("blocks.0.hook_resid_post")).plain())
                        .startsWith("float32 [1, 3, 64] [");
            }
        }
    }

    @Test
    void a_model_shows_its_parameters_and_a_large_cache_its_activations_as_a_tree() {
        try (HookedTransformer model = Lens.load("demo");
                var run = model.runWithCache(model.tokens("a store"))) {
            long bytes = 4 * model.parameters().count();
            assertThat(displays.of(model).plain())
                    .contains("Parameters: %d names, %s"
                            .formatted(model.parameters().names().size(), Bytes.readable(bytes)))
                    .contains("├─ W_Q")
                    .containsPattern("0–2 +3 alike, one shown");
            assertThat(displays.of(run.cache()).plain())
                    .contains(
                            "Cached activations, " + Bytes.readable(run.cache().bytes()))
                    .containsPattern("hook_pattern +\\[1, 2, 3, 3]");
        }
    }

    @Test
    void tables_charts_and_grids_are_shown_richly() {
        assertThat(displays.of(Table.create("t", IntColumn.create("n", 1, 2))).data())
                .containsKey(MimeBundle.HTML);
        XYChart chart =
                new XYChartBuilder().width(200).height(100).title("a chart").build();
        chart.addSeries("s", new double[] {1, 2}, new double[] {3, 4});
        assertThat(displays.of(chart).data()).containsKey(MimeBundle.PNG);
        assertThat(displays.of(chart).plain()).isEqualTo("[chart: a chart, 200 × 100 pixels]");
        Grid grid =
                new Grid("g", "", List.of(Axis.counted("layer", 2), Axis.counted("head", 2)), new float[] {1, 2, 3, 4});
        assertThat(displays.of(grid).data()).containsKey(MimeBundle.PNG);
    }
}
