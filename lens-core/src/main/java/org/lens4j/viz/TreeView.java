package org.lens4j.viz;

import java.util.ArrayList;
import java.util.List;

/**
 * Dotted names as a tree that can be folded: the parameters of a model, the activations of a cache.
 *
 * <pre>{@code
 * Rendering shown = TreeView.of("Cached activations", List.of(
 *         new TreeView.Leaf("blocks.0.attn.hook_pattern", "[1, 2, 15, 15]", 1800)));
 * }</pre>
 */
public final class TreeView {
    private TreeView() {}

    /**
     * What stands at the end of a branch.
     *
     * @param name in parts with dots between them
     * @param detail its shape, for example
     * @param bytes how large it is; added up along the branches
     */
    public record Leaf(String name, String detail, long bytes) {}

    /**
     * The names as a tree, in their order. Branches that differ only in their number and hold the same are shown once:
     * {@code blocks.0–11}.
     *
     * @param title what it is
     * @param leaves at least one
     */
    public static Rendering of(String title, List<Leaf> leaves) {
        List<String> lines = new ArrayList<>(List.of(title));
        leaves.forEach(leaf -> lines.add("%s  %s  %d".formatted(leaf.name(), leaf.detail(), leaf.bytes())));
        return Rendering.of(String.join("\n", lines));
    }
}
