package org.lens4j.kernel.display;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntPredicate;
import org.lens4j.analysis.Axis;
import org.lens4j.analysis.Grid;
import org.lens4j.analysis.logits.NextTokens;
import org.lens4j.analysis.patching.PatchResult;
import org.lens4j.analysis.prompts.TestedPrompt;
import org.lens4j.analysis.residual.LogitAttribution;
import org.lens4j.generate.Generation;
import org.lens4j.generate.Steering;
import org.lens4j.kernel.session.Swept;
import org.lens4j.text.TokenLabels;
import org.lens4j.text.Tokens;
import org.lens4j.viz.TableView;
import tech.tablesaw.api.StringColumn;
import tech.tablesaw.api.Table;

/** The results of a sweep in a table: a row for each value, and columns for what a result says in a few words. */
final class SweepTable {
    private static final String RESULT = "result";
    private static final String KEYS = "key_pos";
    private static final String NOTHING = "(no value)";
    /** What the strongest of a pattern is called, because the first token gets what attention a head has no use for. */
    private static final String BEHIND_FIRST = "strongest, first key left out";
    /** Most numbers of a grid that get a column each. */
    private static final int FEW = 8;
    /** Most characters of anything else. */
    private static final int SHORT = 80;

    private SweepTable() {}

    static MimeBundle of(Swept swept) {
        List<Map<String, String>> rows =
                swept.results().stream().map(SweepTable::cells).toList();
        boolean silent = !rows.isEmpty() && swept.results().stream().allMatch(SweepTable::isNothing);
        Set<String> names = new LinkedHashSet<>();
        if (!silent) {
            rows.forEach(it -> names.addAll(it.keySet()));
        }
        List<StringColumn> columns = new ArrayList<>();
        StringColumn first = StringColumn.create(swept.variable());
        swept.values().forEach(it -> first.append(shortened(it)));
        columns.add(first);
        for (String name : names) {
            StringColumn column = StringColumn.create(name.equals(swept.variable()) ? name + " " : name);
            rows.forEach(it -> column.append(it.getOrDefault(name, "")));
            columns.add(column);
        }
        Table table = Table.create("By " + swept.variable(), columns.toArray(StringColumn[]::new));
        List<String> notes = new ArrayList<>();
        if (!swept.isComplete()) {
            notes.add("Stopped after %d of %d.".formatted(swept.values().size(), swept.of()));
        }
        if (silent) {
            notes.add(
                    "The cell's last line has no value, so there is no result: what it prints stands above. End the cell with what is to be gathered.");
        }
        if (swept.results().stream().anyMatch(Steering.class::isInstance)) {
            notes.add(
                    "To see what is written with each, keep it and go on: %steer … -o steered, then %generate --steer $steered.");
        }
        return Renderings.noted(TableView.of(table), notes);
    }

    private static Map<String, String> cells(Object result) {
        if (result instanceof Grid grid) {
            return grid(grid);
        }
        if (result instanceof LogitAttribution found) {
            Map<String, String> cells = new LinkedHashMap<>();
            cells.put("total", number(found.total()));
            cells.putAll(strongest(found.mean()));
            return cells;
        }
        if (result instanceof PatchResult found) {
            return strongest(found.shown());
        }
        if (result instanceof NextTokens next) {
            return next.top().stream()
                    .findFirst()
                    .map(it -> cells("token", TokenLabels.visible(it.token()), "probability", number(it.probability())))
                    .orElseGet(Map::of);
        }
        if (result instanceof TestedPrompt tested) {
            TestedPrompt.Scored answer = tested.answers().get(0).tokens().get(0);
            return cells(
                    "answer", TokenLabels.visible(answer.token()),
                    "rank", Integer.toString(answer.rank()),
                    "probability", number(answer.probability()));
        }
        if (result instanceof Steering steering) {
            return cells("point", steering.point(), "strength", number(steering.strength()));
        }
        return Map.of(RESULT, other(result));
    }

    private static boolean isNothing(Object result) {
        return result instanceof Optional<?> nothing && nothing.isEmpty();
    }

    private static String other(Object result) {
        if (result instanceof Generation generation) {
            return shortened(generation.text());
        }
        if (result instanceof Tokens tokens) {
            return "%d × %d tokens".formatted(tokens.batch(), tokens.pos());
        }
        if (isNothing(result)) {
            return NOTHING;
        }
        boolean fraction = result instanceof Float || result instanceof Double;
        return fraction ? number(((Number) result).doubleValue()) : shortened(result);
    }

    /** Few numbers stand as they are; of many the one furthest from zero. */
    private static Map<String, String> grid(Grid grid) {
        float[] values = grid.values();
        if (grid.rank() == 0) {
            return Map.of(RESULT, number(values[0]));
        }
        if (isPattern(grid)) {
            return strongest(grid, BEHIND_FIRST, i -> i % grid.axis(KEYS).size() > 0);
        }
        if (grid.rank() > 1 || values.length > FEW) {
            return strongest(grid);
        }
        Map<String, String> cells = new LinkedHashMap<>();
        for (int i = 0; i < values.length; i++) {
            cells.put(grid.axes().get(0).labels().get(i), number(values[i]));
        }
        return cells;
    }

    private static boolean isPattern(Grid grid) {
        return grid.rank() > 1 && grid.axes().get(grid.rank() - 1).name().equals(KEYS);
    }

    private static Map<String, String> strongest(Grid grid) {
        return strongest(grid, "strongest", i -> true);
    }

    private static Map<String, String> strongest(Grid grid, String title, IntPredicate counts) {
        float[] values = grid.values();
        int best = -1;
        for (int i = 0; i < values.length; i++) {
            boolean further = best < 0 || Math.abs(values[i]) > Math.abs(values[best]);
            best = !Float.isNaN(values[i]) && further && counts.test(i) ? i : best;
        }
        return best < 0
                ? Map.of(title, "none")
                : cells(title, place(grid, best), grid.unit().isEmpty() ? "value" : grid.unit(), number(values[best]));
    }

    private static String place(Grid grid, int flat) {
        List<String> labels = new ArrayList<>();
        int inner = grid.values().length;
        for (Axis axis : grid.axes()) {
            inner /= axis.size();
            labels.add(axis.name() + " " + axis.labels().get(flat / inner % axis.size()));
        }
        return String.join(", ", labels);
    }

    private static Map<String, String> cells(String... namesAndTexts) {
        Map<String, String> cells = new LinkedHashMap<>();
        for (int i = 0; i < namesAndTexts.length; i += 2) {
            cells.put(namesAndTexts[i], namesAndTexts[i + 1]);
        }
        return cells;
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, "%.4g", value);
    }

    private static String shortened(Object value) {
        String text = String.valueOf(value).replace("\n", "⏎");
        return text.length() <= SHORT ? text : text.substring(0, SHORT - 1) + "…";
    }
}
