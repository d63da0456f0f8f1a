package org.lens4j.viz;

import java.awt.AlphaComposite;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.geom.Line2D;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import org.lens4j.analysis.Grid;

/**
 * The attention of one layer as lines: the tokens that look on the left, those that are looked at on the right, a line
 * between them as strong as the probability, and a colour for each head. After BertViz's head view (Vig, 2019).
 *
 * <pre>{@code
 * Grid pattern = lens.attention(prompt, 1);        // [head query_pos key_pos]
 * Rendering shown = AttentionLinesView.of(pattern, List.of(0, 3));
 * }</pre>
 *
 * A strong line says where a head looked, not that it mattered: attention is not explanation.
 */
public final class AttentionLinesView {
    private static final int MOST_TOKENS = 96;
    private static final int MOST_LINES = 2500;
    /** A weaker line could not be seen. */
    private static final float FAINTEST = 0.04f;

    private static final int LINE = 20;
    private static final int MARGIN = 14;
    private static final int BETWEEN = 260;
    private static final int CHARACTER = 8;

    private final AttentionView.Heads heads;
    private final List<Link> links;
    private final Heading heading;
    private final int from;

    private AttentionLinesView(AttentionView.Heads heads) {
        this.heads = heads;
        this.from = Math.max(0, heads.queries().size() - MOST_TOKENS);
        List<Link> all = links(heads, from);
        this.links = all.stream()
                .sorted(Comparator.comparingDouble(Link::probability).reversed())
                .limit(MOST_LINES)
                .toList();
        List<String> notes =
                new ArrayList<>(List.of("From each token on the left, which looks, to those it looks at."));
        if (from > 0) {
            notes.add("Shown: the last %d of %d tokens."
                    .formatted(MOST_TOKENS, heads.queries().size()));
        }
        notes.add(
                links.size() < all.size()
                        ? "Shown: the strongest %d lines.".formatted(links.size())
                        : "Left out: lines under %s.".formatted(FAINTEST));
        if (heads.names().size() > Palette.CATEGORIES.size()) {
            notes.add("%d heads have the colours of others: point at one to see it alone."
                    .formatted(heads.names().size() - Palette.CATEGORIES.size()));
        }
        this.heading = Heading.of(heads.title(), notes.toArray(String[]::new));
    }

    private record Link(int head, int query, int key, float probability) {}

    /**
     * All heads.
     *
     * @param pattern attention probabilities, {@code [head query_pos key_pos]}
     * @throws org.lens4j.error.ShapeException if the axes are others
     */
    public static Rendering of(Grid pattern) {
        return shown(AttentionView.Heads.all(pattern));
    }

    /**
     * Chosen heads.
     *
     * @param pattern attention probabilities, {@code [head query_pos key_pos]}
     * @param heads indices on the head axis
     * @throws org.lens4j.error.ShapeException if the axes are others
     * @throws org.lens4j.error.RangeException if there is no such head, or none is asked for
     */
    public static Rendering of(Grid pattern, List<Integer> heads) {
        return shown(AttentionView.Heads.of(pattern, heads));
    }

    private static Rendering shown(AttentionView.Heads heads) {
        AttentionLinesView view = new AttentionLinesView(heads);
        return Figure.of(heads.alt("lines"), view.png(), heads.text(), view.html())
                .rendering();
    }

    private static List<Link> links(AttentionView.Heads heads, int from) {
        List<Link> links = new ArrayList<>();
        for (int head = 0; head < heads.names().size(); head++) {
            Grid grid = heads.grids().get(head);
            for (int query = from; query < heads.queries().size(); query++) {
                for (int key = from; key < heads.keys().size(); key++) {
                    float probability = grid.at(query, key);
                    if (probability >= FAINTEST) {
                        links.add(new Link(head, query - from, key - from, probability));
                    }
                }
            }
        }
        return links;
    }

    private Color color(int head) {
        return Palette.CATEGORIES.get(head % Palette.CATEGORIES.size());
    }

    private List<String> shownOf(List<String> labels) {
        return labels.subList(Math.min(from, labels.size()), labels.size()).stream()
                .map(TokenText::shortened)
                .toList();
    }

    private static double middle(int token) {
        return LINE * (token + 0.5);
    }

    // --- HTML ---

    private String html() {
        StringBuilder out = new StringBuilder(heading.html());
        out.append("<div role=\"toolbar\" aria-label=\"heads\">");
        for (int head = 0; head < heads.names().size(); head++) {
            out.append("<button type=\"button\" data-show=\"h").append(head);
            out.append("\"><span class=\"lens4j-swatch\" style=\"background:").append(Palette.hex(color(head)));
            out.append("\"></span>")
                    .append(TokenText.html(heads.names().get(head)))
                    .append("</button>");
        }
        out.append("</div><small>Point at a token or head to see its lines only, click to keep that.</small>");
        List<String> queries = shownOf(heads.queries());
        List<String> keys = shownOf(heads.keys());
        int left = CHARACTER * queries.stream().mapToInt(TextTable::width).max().orElse(0) + 8;
        int right = CHARACTER * keys.stream().mapToInt(TextTable::width).max().orElse(0) + 8;
        out.append(String.format(
                Locale.ROOT,
                "<div style=\"overflow-x:auto\"><svg style=\"width:%dpx;height:%dpx\" role=\"group\" aria-label=\"%s\">",
                left + BETWEEN + right,
                LINE * Math.max(queries.size(), keys.size()) + 4,
                TokenText.html(heads.title())));
        for (Link link : links) {
            out.append(String.format(
                    Locale.ROOT,
                    "<path data-part=\"q%d k%d h%d\" d=\"M%d %.0fL%d %.0f\" stroke=\"%s\" stroke-width=\"2\" opacity=\"%.2f\" />",
                    link.query(),
                    link.key(),
                    link.head(),
                    left,
                    middle(link.query()),
                    left + BETWEEN,
                    middle(link.key()),
                    Palette.hex(color(link.head())),
                    link.probability()));
        }
        tokens(out, "q", queries, left - 6);
        tokens(out, "k", keys, left + BETWEEN + 6);
        return out.append("</svg></div>").toString();
    }

    private void tokens(StringBuilder out, String side, List<String> labels, int x) {
        boolean looks = side.equals("q");
        for (int token = 0; token < labels.size(); token++) {
            out.append(String.format(
                    Locale.ROOT,
                    "<text data-show=\"%s%d\" data-tip=\"%s\" x=\"%d\" y=\"%.0f\" text-anchor=\"%s\">%s</text>",
                    side,
                    token,
                    TokenText.html(tip(looks, token)),
                    x,
                    middle(token) + 4,
                    looks ? "end" : "start",
                    TokenText.html(labels.get(token))));
        }
    }

    /** A token and its strongest lines. */
    private String tip(boolean looks, int token) {
        String name = (looks ? heads.queries() : heads.keys()).get(from + token);
        StringBuilder tip = new StringBuilder(name).append(looks ? " looks at" : " is looked at by");
        links.stream()
                .filter(link -> (looks ? link.query() : link.key()) == token)
                .limit(5)
                .forEach(link -> tip.append('\n')
                        .append(Numerals.probability(link.probability()))
                        .append("  ")
                        .append((looks ? heads.keys() : heads.queries())
                                .get(from + (looks ? link.key() : link.query())))
                        .append("  ")
                        .append(heads.names().get(link.head())));
        return tip.toString();
    }

    // --- PNG ---

    private byte[] png() {
        Graphics2D ruler = Ink.pen(Ink.page(1, 1));
        List<String> queries = shownOf(heads.queries());
        List<String> keys = shownOf(heads.keys());
        int left = Ink.widest(ruler, Ink.LABEL, queries) + 8;
        int right = Ink.widest(ruler, Ink.LABEL, keys) + 8;
        int legend = Ink.widest(ruler, Ink.LABEL, heads.names()) + 40;
        int width = Math.max(left + BETWEEN + right + legend, 440);
        int head = heading.height(ruler, width);
        int lines =
                Math.max(Math.max(queries.size(), keys.size()), heads.names().size());
        BufferedImage image = Ink.page(width + 2 * MARGIN, head + LINE * lines + 2 * MARGIN);
        Graphics2D g = Ink.pen(image);
        g.translate(MARGIN, MARGIN);
        heading.draw(g, width);
        g.translate(0, head);
        g.setStroke(new BasicStroke(2));
        for (int i = links.size() - 1; i >= 0; i--) {
            Link link = links.get(i);
            g.setComposite(AlphaComposite.getInstance(AlphaComposite.SRC_OVER, Math.min(1, link.probability())));
            g.setColor(color(link.head()));
            g.draw(new Line2D.Double(left, middle(link.query()), left + BETWEEN, middle(link.key())));
        }
        g.setComposite(AlphaComposite.SrcOver);
        g.setFont(Ink.LABEL);
        g.setColor(Palette.INK);
        IntStream.range(0, queries.size()).forEach(i -> Ink.right(g, queries.get(i), left - 6, (int) middle(i)));
        IntStream.range(0, keys.size()).forEach(i -> Ink.left(g, keys.get(i), left + BETWEEN + 6, (int) middle(i) + 5));
        legend(g, left + BETWEEN + right + 16);
        g.dispose();
        return Ink.png(image);
    }

    private void legend(Graphics2D g, int x) {
        for (int head = 0; head < heads.names().size(); head++) {
            g.setColor(color(head));
            g.fillRect(x, (int) middle(head) - 5, 12, 10);
            g.setColor(Palette.INK);
            Ink.left(g, heads.names().get(head), x + 18, (int) middle(head) + 5);
        }
    }
}
