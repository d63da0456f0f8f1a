package org.lens4j.viz;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.lens4j.viz.TreeView.Leaf;

/**
 * A part of a dotted name and what follows it.
 *
 * @param label the part, or {@code 0–11} for several that hold the same
 * @param detail what is said about it
 * @param bytes of all leaves below
 * @param leaves how many those are
 * @param children in their order; none for a leaf
 */
record Branch(String label, String detail, long bytes, int leaves, List<Branch> children) {
    Branch {
        children = List.copyOf(children);
    }

    /** The root of all names. */
    static Branch of(List<Leaf> leaves) {
        return branch("", leaves, 0);
    }

    private static Branch branch(String label, List<Leaf> leaves, int from) {
        Map<String, List<Leaf>> parts = new LinkedHashMap<>();
        for (Leaf leaf : leaves) {
            int dot = leaf.name().indexOf('.', from);
            String part = leaf.name().substring(from, dot < 0 ? leaf.name().length() : dot);
            parts.computeIfAbsent(part, it -> new ArrayList<>()).add(leaf);
        }
        List<Branch> children = new ArrayList<>();
        parts.forEach((part, below) -> {
            int end = from + part.length();
            for (Leaf leaf : below) {
                if (leaf.name().length() == end) {
                    children.add(new Branch(part, leaf.detail(), leaf.bytes(), 1, List.of()));
                }
            }
            List<Leaf> longer =
                    below.stream().filter(leaf -> leaf.name().length() > end).toList();
            if (!longer.isEmpty()) {
                children.add(branch(part, longer, end + 1));
            }
        });
        return sum(label, "", together(children));
    }

    private static Branch sum(String label, String detail, List<Branch> children) {
        return new Branch(
                label,
                detail,
                children.stream().mapToLong(Branch::bytes).sum(),
                children.stream().mapToInt(Branch::leaves).sum(),
                children);
    }

    /** Neighbours whose labels count on and that hold the same become one. */
    private static List<Branch> together(List<Branch> branches) {
        List<Branch> result = new ArrayList<>();
        int from = 0;
        while (from < branches.size()) {
            int until = from + 1;
            while (until < branches.size() && branches.get(until).follows(branches.get(until - 1))) {
                until++;
            }
            Branch first = branches.get(from);
            int count = until - from;
            result.add(
                    count == 1
                            ? first
                            : new Branch(
                                    first.label() + "–"
                                            + branches.get(until - 1).label(),
                                    "%d alike, one shown".formatted(count),
                                    first.bytes() * count,
                                    first.leaves() * count,
                                    first.children()));
            from = until;
        }
        return result;
    }

    private boolean follows(Branch before) {
        return !children.isEmpty()
                && label.matches("\\d{1,9}")
                && before.label.matches("\\d{1,9}")
                && Integer.parseInt(label) == Integer.parseInt(before.label) + 1
                && children.equals(before.children);
    }

    /** How large it is. */
    String size() {
        return ByteText.readable(bytes);
    }

    /** How many leaves of what size. */
    String sum() {
        return "%d %s, %s".formatted(leaves, leaves == 1 ? "name" : "names", size());
    }
}
