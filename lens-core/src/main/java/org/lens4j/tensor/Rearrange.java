package org.lens4j.tensor;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.lens4j.error.ShapeException;

/**
 * A change of layout written as einops writes it: {@code "(h qkv d) m -> qkv h m d"} splits the first axis into three,
 * then reorders. Only splitting, reordering and merging; no axis is lost.
 */
public final class Rearrange {
    private static final Pattern GROUP = Pattern.compile("\\(([^)]*)\\)|(\\S+)");

    private final String pattern;
    private final List<List<String>> from;
    private final List<List<String>> to;

    private Rearrange(String pattern, List<List<String>> from, List<List<String>> to) {
        this.pattern = pattern;
        this.from = from;
        this.to = to;
    }

    /**
     * Parses a pattern.
     *
     * @param pattern axes before and after {@code ->}, merged axes in parentheses
     * @throws IllegalArgumentException if the two sides do not have the same axes
     */
    public static Rearrange of(String pattern) {
        String[] sides = pattern.split("->", -1);
        if (sides.length != 2) {
            throw new IllegalArgumentException("A layout is written \"a b -> b a\", not \"" + pattern + "\".");
        }
        List<List<String>> from = groups(sides[0]);
        List<List<String>> to = groups(sides[1]);
        List<String> before = flat(from);
        List<String> after = flat(to);
        if (before.stream().distinct().count() != before.size()
                || before.size() != after.size()
                || !after.containsAll(before)) {
            throw new IllegalArgumentException("Both sides of \"" + pattern + "\" must have the same axes, each once.");
        }
        return new Rearrange(pattern, from, to);
    }

    /**
     * Applies it.
     *
     * @param tensor whose shape fits the left side
     * @param sizes of the axes that cannot be told from the shape; may name more axes than there are
     * @return a view or copy, owned by the tensor's manager
     * @throws ShapeException if the shape does not fit the left side
     */
    public NDArray apply(NDArray tensor, Map<String, Long> sizes) {
        Map<String, Long> known = solve(tensor.getShape(), sizes);
        List<String> before = flat(from);
        int[] order = flat(to).stream().mapToInt(before::indexOf).toArray();
        NDArray split = tensor.reshape(shape(before.stream().map(List::of).toList(), known));
        return split.transpose(order).reshape(shape(to, known));
    }

    /**
     * How long an axis of the tensor before the change is, by the sizes of the axes merged in it.
     *
     * @param axis from 0
     * @throws ShapeException if a size is not known
     */
    public long lengthBefore(int axis, Map<String, Long> sizes) {
        if (axis >= from.size() || !sizes.keySet().containsAll(from.get(axis))) {
            throw new ShapeException("How long axis %d of the layout \"%s\" is cannot be told from the sizes %s."
                    .formatted(axis, pattern, new java.util.TreeMap<>(sizes)));
        }
        return from.get(axis).stream()
                .mapToLong(it -> Optional.ofNullable(sizes.get(it)).orElseThrow())
                .reduce(1, Math::multiplyExact);
    }

    /** The way back: what {@link #apply} did is undone by the inverse's. */
    public Rearrange inverse() {
        String[] sides = pattern.split("->", -1);
        return new Rearrange(sides[1].strip() + " -> " + sides[0].strip(), to, from);
    }

    /** Whether the left side fits this shape, given the sizes. */
    public boolean fits(Shape shape, Map<String, Long> sizes) {
        try {
            solve(shape, sizes);
            return true;
        } catch (ShapeException e) {
            return false;
        }
    }

    private Map<String, Long> solve(Shape shape, Map<String, Long> sizes) {
        if (shape.dimension() != from.size()) {
            throw misfit(shape, sizes);
        }
        Map<String, Long> known = new HashMap<>();
        for (int i = 0; i < from.size(); i++) {
            long rest = shape.get(i);
            String unknown = "";
            for (String axis : from.get(i)) {
                Long size = sizes.get(axis);
                if (size != null && size > 0 && rest % size == 0) {
                    known.put(axis, size);
                    rest /= size;
                } else if (size == null && unknown.isEmpty()) {
                    unknown = axis;
                } else {
                    throw misfit(shape, sizes);
                }
            }
            if (!unknown.isEmpty()) {
                known.put(unknown, rest);
            } else if (rest != 1) {
                throw misfit(shape, sizes);
            }
        }
        return known;
    }

    private ShapeException misfit(Shape shape, Map<String, Long> sizes) {
        return new ShapeException("A tensor of shape %s does not fit the layout \"%s\" with the sizes %s."
                .formatted(shape, pattern, new java.util.TreeMap<>(sizes)));
    }

    private static Shape shape(List<List<String>> groups, Map<String, Long> sizes) {
        return new Shape(groups.stream()
                .mapToLong(group -> group.stream()
                        .mapToLong(axis -> java.util.Objects.requireNonNull(sizes.get(axis)))
                        .reduce(1, Math::multiplyExact))
                .toArray());
    }

    private static List<List<String>> groups(String side) {
        List<List<String>> groups = new ArrayList<>();
        Matcher group = GROUP.matcher(side.strip());
        while (group.find()) {
            groups.add(
                    group.group(1) != null ? List.of(group.group(1).strip().split(" +", -1)) : List.of(group.group(2)));
        }
        return groups;
    }

    private static List<String> flat(List<List<String>> groups) {
        return groups.stream().flatMap(List::stream).toList();
    }

    @Override
    public String toString() {
        return pattern;
    }
}
