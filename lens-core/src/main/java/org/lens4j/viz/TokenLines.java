package org.lens4j.viz;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.Rectangle;
import java.awt.font.TextAttribute;
import java.awt.image.BufferedImage;
import java.util.List;
import java.util.Map;

/**
 * Lines of text whose tokens are coloured: the common form of coloured tokens and of the texts a neuron is active on.
 *
 * @param sections at least one
 */
record TokenLines(List<Section> sections) {
    private static final int MARGIN = 14;
    private static final int WIDTH = 940;
    private static final int WIDEST_NAME = 150;
    private static final int LINE = 24;
    private static final int GAP = 8;
    private static final int NEXT_SECTION = 16;

    TokenLines {
        sections = List.copyOf(sections);
    }

    /**
     * Lines on one scale.
     *
     * @param heading with a legend
     * @param lines in the order they are read
     */
    record Section(Heading heading, List<Line> lines) {
        Section {
            lines = List.copyOf(lines);
        }

        Color color(Word word) {
            return heading.legend().orElseThrow().scale().color(word.value());
        }
    }

    /**
     * A line.
     *
     * @param name beside it, or empty
     * @param words its tokens
     */
    record Line(String name, List<Word> words) {
        Line {
            words = List.copyOf(words);
        }
    }

    /**
     * A token.
     *
     * @param text its visible form
     * @param value what colours it; {@code NaN} for nothing
     * @param tip what is said when the reader points at it
     * @param peak whether it stands out
     */
    record Word(String text, float value, String tip, boolean peak) {
        boolean endsLine() {
            return text.endsWith("⏎");
        }
    }

    /** The text as it is read in a terminal, each token with its number: {@code ·Mary(2.31)}. */
    static String text(List<Word> words, int width) {
        StringBuilder out = new StringBuilder();
        int column = 0;
        for (Word word : words) {
            String said = Float.isNaN(word.value())
                    ? word.text()
                    : word.text() + "(" + Numerals.significant(word.value(), 3) + ")";
            int wide = TextTable.width(said) + 1;
            if (column > 0 && column + wide > width) {
                out.append('\n');
                column = 0;
            }
            out.append(column == 0 ? "" : " ").append(said);
            column += wide;
        }
        return out.toString();
    }

    /** The lines as HTML for the {@link Script}. */
    String html() {
        StringBuilder out = new StringBuilder();
        for (Section section : sections) {
            out.append(section.heading().html()).append("<div class=\"lens4j-text\">");
            for (Line line : section.lines()) {
                out.append("<div>");
                if (!line.name().isEmpty()) {
                    out.append("<b>").append(TokenText.html(line.name())).append("</b>");
                }
                out.append("<p>");
                line.words().forEach(word -> word(out, section, word));
                out.append("</p></div>");
            }
            out.append("</div>");
        }
        return out.toString();
    }

    private static void word(StringBuilder out, Section section, Word word) {
        out.append("<span data-tip=\"").append(TokenText.html(word.tip())).append('"');
        if (!Float.isNaN(word.value())) {
            Color color = section.color(word);
            out.append(" style=\"background:").append(Palette.hex(color));
            out.append(";color:").append(Palette.hex(Palette.textOn(color))).append('"');
        }
        out.append(word.peak() ? " class=\"lens4j-peak\">" : ">");
        out.append(TokenText.html(word.text())).append("</span>").append(word.endsLine() ? "<br />" : "<wbr />");
    }

    /** The lines as a PNG file. */
    byte[] png() {
        // Once to measure, once to draw.
        int height = new Pen(Ink.pen(Ink.page(1, 1)), false).draw(this);
        BufferedImage image = Ink.page(WIDTH + 2 * MARGIN, height + 2 * MARGIN);
        Graphics2D g = Ink.pen(image);
        g.translate(MARGIN, MARGIN);
        new Pen(g, true).draw(this);
        g.dispose();
        return Ink.png(image);
    }

    /** Goes through the lines, drawing or only measuring. */
    private record Pen(Graphics2D g, boolean draws) {
        int draw(TokenLines all) {
            int y = 0;
            for (Section section : all.sections()) {
                y += y == 0 ? 0 : NEXT_SECTION;
                if (draws) {
                    Graphics2D head = (Graphics2D) g.create();
                    head.translate(0, y);
                    section.heading().draw(head, WIDTH);
                    head.dispose();
                }
                y += section.heading().height(g, WIDTH);
                List<String> names = section.lines().stream().map(Line::name).toList();
                int widest = Math.min(WIDEST_NAME, Ink.widest(g, Ink.HEADING, names));
                for (Line line : section.lines()) {
                    y = line(section, line, widest, y) + LINE + GAP / 2;
                }
            }
            return y;
        }

        private int line(Section section, Line line, int widest, int top) {
            if (draws && !line.name().isEmpty()) {
                g.setFont(Ink.HEADING);
                g.setColor(Palette.INK);
                Ink.right(g, Ink.fitted(g, Ink.HEADING, line.name(), widest), widest, top + LINE / 2);
            }
            int left = widest == 0 ? 0 : widest + GAP;
            int x = left;
            int y = top;
            for (Word word : line.words()) {
                int width = Ink.width(g, Ink.LABEL, word.text()) + 4;
                if (x > left && x + width > WIDTH) {
                    x = left;
                    y += LINE;
                }
                if (draws) {
                    word(section, word, new Rectangle(x, y + 1, width, LINE - 3));
                }
                x += width + 1;
                if (word.endsLine()) {
                    x = left;
                    y += LINE;
                }
            }
            return y;
        }

        private void word(Section section, Word word, Rectangle in) {
            Color ink = Palette.INK;
            if (!Float.isNaN(word.value())) {
                g.setColor(section.color(word));
                g.fill(in);
                ink = Palette.textOn(section.color(word));
            }
            g.setFont(
                    word.peak()
                            ? Ink.LABEL.deriveFont(Map.of(TextAttribute.UNDERLINE, TextAttribute.UNDERLINE_ON))
                            : Ink.LABEL);
            Ink.centered(g, word.text(), in, ink);
        }
    }
}
