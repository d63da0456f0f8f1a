package org.lens4j.viz;

import java.util.ArrayList;
import java.util.List;
import org.lens4j.analysis.Axis;
import org.lens4j.analysis.Grid;

/**
 * Any grid in the form that suits its axes: attention patterns as attention, one or two axes as a heat map, three as
 * heat maps side by side, everything else as a table.
 *
 * <pre>{@code
 * Rendering shown = GridView.of(grid);
 * }</pre>
 */
public final class GridView {
    private static final int MOST_PANELS = 36;

    private GridView() {}

    /** The grid, whatever its axes are. */
    public static Rendering of(Grid grid) {
        List<String> names = grid.axes().stream().map(Axis::name).toList();
        boolean hollow = grid.axes().stream().anyMatch(axis -> axis.size() == 0);
        if (hollow || grid.rank() == 0 || grid.rank() > 3) {
            return TableView.of(GridTable.of(grid));
        }
        if (grid.rank() < 3) {
            return Heatmap.of(grid);
        }
        return names.equals(List.of("head", "query_pos", "key_pos")) ? AttentionView.of(grid) : sideBySide(grid);
    }

    private static Rendering sideBySide(Grid grid) {
        Axis outer = grid.axes().get(0);
        int shown = Math.min(MOST_PANELS, outer.size());
        List<Panel> panels = new ArrayList<>();
        List<String> notes = new ArrayList<>();
        List<String> texts = new ArrayList<>();
        for (int i = 0; i < shown; i++) {
            Grid slice = grid.slice(outer.name(), i);
            Pooled small = Pooled.of(slice);
            if (i == 0) {
                notes.add(Heatmap.axes(slice));
                if (!small.note().isEmpty()) {
                    notes.add(small.note());
                }
            }
            String label = outer.labels().get(i);
            // A number says nothing without its axis, a word does.
            String title = label.matches("\\d+") ? outer.name() + " " + label : label;
            panels.add(new Panel(title, small.grid(), new Heatmap.NumberCells(small.grid(), 0)));
            texts.add(Heatmap.text(slice));
        }
        if (shown < outer.size()) {
            notes.add("Shown: the first %d of %d along %s.".formatted(shown, outer.size(), outer.name()));
        }
        int longer =
                Math.max(panels.get(0).rows().size(), panels.get(0).columns().size());
        Sheet sheet = new Sheet(
                Heading.of(grid.title(), notes, ColorScale.of(grid), grid.unit()),
                panels,
                Sheet.Layout.square(panels.size(), longer));
        String alt = "%s: %d heat maps, one for each %s.".formatted(grid.title(), shown, outer.name());
        return Drawn.of(sheet, String.join("\n\n", texts), alt);
    }
}
