package org.lens4j.viz;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.lens4j.analysis.Axis;
import org.lens4j.analysis.Grid;
import org.lens4j.analysis.patching.PatchResult;
import org.lens4j.analysis.patching.PatchScores;

/**
 * What a patching sweep found: a heat map over the patched places, with the tokens on the axis of positions, and what the runs
 * score without a patch. An ablation is shown by how far each takes the metric from the whole model's.
 *
 * <pre>{@code
 * Rendering shown = PatchView.of(ActivationPatch.of(model, pairs, metric).run(PatchSite.residPre()));
 * }</pre>
 */
public final class PatchView {
    private PatchView() {}

    /** The first metric, mean over the prompts. */
    public static Rendering of(PatchResult result) {
        return of(result, List.of());
    }

    /** The same with more sentences behind its own. */
    public static Rendering of(PatchResult result, List<String> more) {
        return GridView.of(result.shown(), behind(result.notes(), more));
    }

    private static List<String> behind(List<String> notes, List<String> more) {
        return Stream.concat(notes.stream(), more.stream()).toList();
    }

    /**
     * Every metric, one below another; of several prompts each one beside the mean and the ends of its interval. More than two
     * axes of a site are maps of the last two.
     */
    public static Rendering inFull(PatchResult result) {
        return inFull(result, List.of());
    }

    /** The same with more sentences behind its own. */
    public static Rendering inFull(PatchResult result, List<String> more) {
        List<Grid> grids = result.inFull();
        List<String> all = behind(result.notesInFull(), more);
        List<Rendering> shown = new ArrayList<>();
        for (int i = 0; i < grids.size(); i++) {
            // The metric's own, which its title names, and what is said of all.
            List<String> notes = new ArrayList<>(List.of(result.scores().get(i).note()));
            if (i == 0) {
                notes.addAll(all.subList(grids.size(), all.size()));
            }
            shown.add(GridView.of(maps(grids.get(i)), notes));
        }
        return Column.of(shown);
    }

    private static Grid maps(Grid grid) {
        if (grid.rank() < 4) {
            return grid;
        }
        return grid.flat(
                grid.axes().subList(0, grid.rank() - 2).stream().map(Axis::name).toArray(String[]::new));
    }

    /**
     * A metric, mean over the prompts.
     *
     * @throws org.lens4j.error.UnknownNameException if the sweep had none of that name
     */
    public static Rendering of(PatchResult result, String metric) {
        return of(result.scores(metric));
    }

    /** One metric of a sweep, mean over the prompts. */
    public static Rendering of(PatchScores scores) {
        return GridView.of(scores.mean(), List.of(scores.note()));
    }
}
