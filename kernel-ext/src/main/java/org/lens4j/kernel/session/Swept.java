package org.lens4j.kernel.session;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.lens4j.analysis.Axis;
import org.lens4j.analysis.Grid;
import org.lens4j.error.UsageException;

/**
 * The same work for each of several values, and what came of it.
 *
 * <pre>{@code
 * Swept layers = Swept.over("layer", List.of(0, 1, 2), layer -> lens.attention(layer));
 * Grid all = layers.grid();         // [layer head query_pos key_pos]
 * }</pre>
 *
 * @param variable what varies
 * @param values those the work was done for, in order
 * @param results one for each, an empty Optional where there was none
 * @param of how many values there are: more than were done, where it was stopped
 */
public record Swept(String variable, List<Object> values, List<Object> results, int of) {
    /** Copies the lists. */
    public Swept {
        values = List.copyOf(values);
        results = List.copyOf(results);
    }

    /**
     * The work for one value.
     *
     * @param <T> of the values
     */
    @FunctionalInterface
    public interface Work<T> {
        /** Does it; an empty Optional says nothing. */
        Object at(T value) throws Exception;
    }

    /** Before anything is done. */
    public static Swept of(String variable, int count) {
        return new Swept(variable, List.of(), List.of(), count);
    }

    /** Does the work for each value. Interrupted, it ends after the current one with what there is. */
    public static <T> Swept over(String variable, Collection<T> values, Work<T> work) throws Exception {
        Swept swept = of(variable, values.size());
        for (T value : values) {
            if (Thread.currentThread().isInterrupted()) {
                break;
            }
            swept = swept.with(value, work.at(value));
        }
        return swept;
    }

    /** Does the work for each of the session's prompts, which is the session's prompt meanwhile. */
    public static Swept overPrompts(LensSession lens, Work<String> work) throws Exception {
        Optional<String> before = lens.hasPrompt() ? Optional.of(lens.prompt()) : Optional.empty();
        try {
            return over(
                    "prompt",
                    lens.prompts(),
                    prompt -> work.at(lens.prompt(prompt).prompt()));
        } finally {
            before.ifPresent(lens::prompt);
        }
    }

    /** This with one value more. */
    public Swept with(Object value, Object result) {
        List<Object> moreValues = new ArrayList<>(values);
        moreValues.add(value);
        List<Object> moreResults = new ArrayList<>(results);
        moreResults.add(result);
        return new Swept(variable, moreValues, moreResults, of);
    }

    /** Whether it was not stopped. */
    public boolean isComplete() {
        return values.size() == of;
    }

    /** The result for a value, by its place. */
    public Object result(int index) {
        return results.get(index);
    }

    /**
     * The results as one grid, the values on its first axis.
     *
     * @throws UsageException if they are neither numbers nor grids of one shape
     */
    public Grid grid() {
        Axis axis = new Axis(
                variable,
                IntStream.range(0, values.size())
                        .mapToObj(i -> i + " " + values.get(i))
                        .toList());
        if (!results.isEmpty() && results.stream().allMatch(Number.class::isInstance)) {
            float[] numbers = new float[results.size()];
            for (int i = 0; i < numbers.length; i++) {
                numbers[i] = ((Number) results.get(i)).floatValue();
            }
            return new Grid("By " + variable, "value", List.of(axis), numbers);
        }
        List<Grid> grids = results.stream()
                .filter(Grid.class::isInstance)
                .map(Grid.class::cast)
                .toList();
        if (results.isEmpty()
                || grids.size() < results.size()
                || grids.stream().map(Grid::shape).distinct().count() > 1) {
            throw new UsageException(
                    "The results by %s are no grid: they are %s. Let the last line of the sweep be a number, or a grid of the same shape each time."
                            .formatted(
                                    variable,
                                    results.stream()
                                            .map(it -> it instanceof Grid grid
                                                    ? grid.shape()
                                                    : it.getClass().getSimpleName())
                                            .distinct()
                                            .toList()));
        }
        String title = "%s, by %s".formatted(grids.get(0).title(), variable);
        return Grid.stacked(title, axis, grids.toArray(Grid[]::new));
    }

    @Override
    public String toString() {
        return "%d of %d values of %s".formatted(values.size(), of, variable);
    }
}
