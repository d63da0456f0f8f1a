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
        return of(grid, List.of());
    }

    /**
     * The same with more to say.
     *
     * @param more notes beneath those of the picture
     */
    public static Rendering of(Grid grid, List<String> more) {
        List<String> names = grid.axes().stream().map(Axis::name).toList();
        List<String> notes = new ArrayList<>(more);
        if (Upward.are(grid)) {
            notes.add(Upward.NOTE);
        }
        boolean hollow = grid.axes().stream().anyMatch(axis -> axis.size() == 0);
        if (hollow || grid.rank() == 0 || grid.rank() > 3) {
            return TableView.of(GridTable.of(grid));
        }
        if (grid.rank() < 3) {
            return Heatmap.of(Upward.on(grid), ColorScale.of(grid), notes);
        }
        return names.equals(List.of("head", "query_pos", "key_pos")) ? AttentionView.of(grid) : sideBySide(grid, notes);
    }

    private static Rendering sideBySide(Grid grid, List<String> more) {
        Axis outer = grid.axes().get(0);
        int shown = Math.min(MOST_PANELS, outer.size());
        ColorScale scale = ColorScale.of(grid);
        List<Panel> small = new ArrayList<>();
        List<Panel> large = new ArrayList<>();
        List<String> notes = new ArrayList<>();
        List<String> texts = new ArrayList<>(more);
        for (int i = 0; i < shown; i++) {
            Grid slice = HeadNames.on(Upward.on(grid.slice(outer.name(), i)));
            Pooled pooled = Pooled.of(slice);
            if (i == 0) {
                notes.add(Heatmap.axes(slice));
                notes.addAll(more);
                if (!pooled.note().isEmpty()) {
                    notes.add(pooled.note());
                }
            }
            String title = outer.place(i);
            small.add(new Panel(title, pooled.grid(), new Heatmap.NumberCells(pooled.grid(), 0)));
            large.add(new Panel(title, pooled.grid(), Heatmap.NumberCells.written(pooled.grid(), scale)));
            texts.add(Heatmap.text(slice));
        }
        if (shown < outer.size()) {
            notes.add("Shown: the first %d of %d along %s.".formatted(shown, outer.size(), outer.name()));
        }
        int longer =
                small.get(0).grid().axes().stream().mapToInt(Axis::size).max().orElse(1);
        Heading heading = Heading.of(grid.title(), notes, scale, grid.unit());
        Sheet.Layout layout = Sheet.Layout.square(small.size(), longer);
        String alt = "%s: %d heat maps, one for each %s.%s"
                .formatted(grid.title(), shown, outer.name(), Heatmap.strongestPlace(grid));
        return Drawn.of(
                new Sheet(heading, small, layout), new Sheet(heading, large, layout), String.join("\n\n", texts), alt);
    }
}
