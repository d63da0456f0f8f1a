package org.lens4j.analysis;

import java.util.List;

/**
 * One axis of a {@link Grid}.
 *
 * @param name what it counts, in the field's words: layer, head, pos, query_pos, key_pos, component
 * @param labels one label for each index, unique and ready to be shown ({@code 4·Mary}, {@code L0H3}, {@code 0_pre})
 */
public record Axis(String name, List<String> labels) {
    /** Copies the labels. */
    public Axis {
        labels = List.copyOf(labels);
    }

    /**
     * An axis whose labels are its indices.
     *
     * @param name what it counts
     * @param size how many
     */
    public static Axis counted(String name, int size) {
        return new Axis(
                name,
                java.util.stream.IntStream.range(0, size)
                        .mapToObj(Integer::toString)
                        .toList());
    }

    /**
     * An index in a few words: {@code layer 1}, and the label alone where it begins with a letter, {@code mean}, because a number
     * says nothing without its axis and a word does.
     */
    public String place(int index) {
        String label = labels.get(index);
        boolean word = !label.isEmpty() && Character.isLetter(label.codePointAt(0));
        return word ? label : name + " " + label;
    }

    /** How many indices it has. */
    public int size() {
        return labels.size();
    }
}
