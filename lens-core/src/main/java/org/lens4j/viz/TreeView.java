package org.lens4j.viz;

import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.List;
import org.lens4j.viz.TextTable.Side;

/**
 * Dotted names as a tree that can be folded and searched: the parameters of a model, the activations of a cache. Branches that
 * differ in their number only and hold the same are shown once, as {@code 0–11}.
 *
 * <pre>{@code
 * Rendering shown = TreeView.of("Cached activations", List.of(
 *         new TreeView.Leaf("blocks.0.attn.hook_pattern", "[1, 2, 15, 15]", 1800)));
 * }</pre>
 */
public final class TreeView {
    private static final int MARGIN = 14;
    private static final int LINE = 17;
    private static final int MOST_DRAWN = 120;
    private static final Font MONOSPACED = new Font(Font.MONOSPACED, Font.PLAIN, 12);

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
     * The names as a tree, in their order.
     *
     * @param title what it is
     * @param leaves any number
     */
    public static Rendering of(String title, List<Leaf> leaves) {
        if (leaves.isEmpty()) {
            return Rendering.of(title + ": nothing");
        }
        Branch root = Branch.of(leaves);
        String head = "%s: %s".formatted(title, root.sum());
        List<List<String>> rows = new ArrayList<>();
        rows(root, "", rows);
        TextTable table = new TextTable(List.of(Side.LEFT, Side.LEFT, Side.RIGHT));
        rows.forEach(row -> table.row(row.toArray(String[]::new)));
        String text = head + "\n" + table.text();
        StringBuilder html = new StringBuilder(Heading.of(head).html());
        html.append("<div class=\"lens4j-tree\">");
        root.children().forEach(child -> html(child, "", true, html));
        html.append("</div>");
        String alt = "%s as a tree, with their sizes.".formatted(head);
        return Figure.of(alt, png(head, table.text()), text, html.toString()).rendering();
    }

    /** A row for each branch below one. */
    private static void rows(Branch above, String indent, List<List<String>> rows) {
        int last = above.children().size() - 1;
        for (int i = 0; i <= last; i++) {
            Branch branch = above.children().get(i);
            rows.add(List.of(indent + (i == last ? "└─ " : "├─ ") + branch.label(), branch.detail(), branch.size()));
            rows(branch, indent + (i == last ? "   " : "│  "), rows);
        }
    }

    /** The first level is open, what is below is folded. A number is searched for as any number. */
    private static void html(Branch branch, String path, boolean open, StringBuilder out) {
        String name = path + (branch.label().matches("\\d+(–\\d+)?") ? "#" : branch.label());
        String words = "<code>" + TokenText.html(branch.label()) + "</code> <small>"
                + TokenText.html(branch.detail() + "  " + branch.size()) + "</small>";
        if (branch.children().isEmpty()) {
            out.append("<div data-name=\"").append(TokenText.html(name)).append("\">");
            out.append(words).append("</div>");
            return;
        }
        out.append(open ? "<details open=\"open\">" : "<details>").append("<summary>");
        out.append(words).append("</summary>");
        branch.children().forEach(child -> html(child, name + ".", false, out));
        out.append("</details>");
    }

    private static byte[] png(String head, String table) {
        List<String> lines = new ArrayList<>(table.lines().limit(MOST_DRAWN).toList());
        long left = table.lines().count() - lines.size();
        if (left > 0) {
            lines.add("… %d more".formatted(left));
        }
        Graphics2D ruler = Ink.pen(Ink.page(1, 1));
        int width = Math.max(Ink.width(ruler, Ink.TITLE, head), Ink.widest(ruler, MONOSPACED, lines));
        BufferedImage image = Ink.page(width + 2 * MARGIN, LINE * (lines.size() + 2) + 2 * MARGIN);
        Graphics2D g = Ink.pen(image);
        g.translate(MARGIN, MARGIN);
        g.setColor(Palette.INK);
        g.setFont(Ink.TITLE);
        Ink.left(g, head, 0, LINE - 3);
        g.setFont(MONOSPACED);
        for (int i = 0; i < lines.size(); i++) {
            Ink.left(g, lines.get(i), 0, LINE * (i + 2));
        }
        g.dispose();
        return Ink.png(image);
    }
}
