package org.lens4j.viz;

import java.awt.Graphics2D;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * What stands above every picture: its title, the colours with their meaning, and notes.
 *
 * @param title what is shown
 * @param legend what the colours mean, if that has to be said
 * @param notes what the reader should know
 */
record Heading(String title, Optional<Legend> legend, List<String> notes) {
    private static final int LINE = 18;
    private static final int BAR_WIDTH = 160;
    private static final int BAR_HEIGHT = 11;

    Heading {
        notes = List.copyOf(notes);
    }

    /** A title and notes without colours. */
    static Heading of(String title, String... notes) {
        return new Heading(title, Optional.empty(), List.of(notes));
    }

    /**
     * With colours.
     *
     * @param title what is shown
     * @param notes what the reader should know
     * @param scale from number to colour
     * @param unit what the numbers are
     */
    static Heading of(String title, List<String> notes, ColorScale scale, String unit) {
        return new Heading(title, Optional.of(new Legend(scale, unit)), notes);
    }

    /**
     * What the colours mean.
     *
     * @param scale from number to colour
     * @param unit what the numbers are
     */
    record Legend(ColorScale scale, String unit) {
        /** The words beside the colour bar. */
        String words() {
            String meaning = scale.meaning();
            return meaning.isEmpty() ? unit : unit + " (" + meaning + ")";
        }

        String low() {
            return Numerals.significant(scale.min(), 3);
        }

        String high() {
            return Numerals.significant(scale.max(), 3);
        }

        /** The colours as CSS lists them. */
        String stops() {
            return scale.palette().stops().stream().map(Palette::hex).collect(Collectors.joining(","));
        }
    }

    /** With one more note. */
    Heading with(String note) {
        List<String> more = new ArrayList<>(notes);
        more.add(note);
        return new Heading(title, legend, more);
    }

    /** The height in a picture of that width. */
    int height(Graphics2D ruler, int width) {
        int lines = titled(ruler, width).size()
                + (legend.isEmpty() ? 0 : 1)
                + wrapped(ruler, width).size();
        return lines * LINE + 8 + 6;
    }

    /** Draws it at the origin. */
    void draw(Graphics2D g, int width) {
        g.setFont(Ink.TITLE);
        g.setColor(Palette.INK);
        List<String> lines = titled(g, width);
        for (int i = 0; i < lines.size(); i++) {
            Ink.left(g, lines.get(i), 0, (i + 1) * LINE - 3);
        }
        g.setFont(Ink.LABEL);
        int y = 8 + (lines.size() - 1) * LINE;
        if (legend.isPresent()) {
            y += LINE;
            bar(g, legend.get(), y);
        }
        g.setColor(Palette.PALE_INK);
        for (String line : wrapped(g, width)) {
            y += LINE;
            Ink.left(g, line, 0, y + BAR_HEIGHT);
        }
    }

    private static void bar(Graphics2D g, Legend legend, int y) {
        int x = Ink.width(g, Ink.LABEL, legend.low()) + 6;
        for (int i = 0; i < BAR_WIDTH; i++) {
            g.setColor(legend.scale().palette().at(i / (double) (BAR_WIDTH - 1)));
            g.fillRect(x + i, y, 1, BAR_HEIGHT);
        }
        g.setColor(Palette.INK);
        Ink.left(g, legend.low(), 0, y + BAR_HEIGHT - 1);
        Ink.left(g, legend.high() + "   " + legend.words(), x + BAR_WIDTH + 6, y + BAR_HEIGHT - 1);
    }

    /** The title in lines; a word that fills more than one is cut. */
    private List<String> titled(Graphics2D ruler, int width) {
        return Ink.wrapped(ruler, Ink.TITLE, title, width).stream()
                .map(line -> Ink.fitted(ruler, Ink.TITLE, line, width))
                .toList();
    }

    private List<String> wrapped(Graphics2D ruler, int width) {
        return notes.stream()
                .flatMap(note -> Ink.wrapped(ruler, Ink.LABEL, note, width).stream())
                .toList();
    }

    /** The same as HTML, for a picture that the {@link Script} shows. */
    String html() {
        return "<figcaption><b>" + TokenText.html(title) + "</b>"
                + legend.map(it -> "<br /><small>" + it.low()
                                + "<span class=\"lens4j-bar\" style=\"background:linear-gradient(to right," + it.stops()
                                + ")\"></span>" + it.high() + " &#160;" + TokenText.html(it.words()) + "</small>")
                        .orElse("")
                + notes.stream()
                        .map(note -> "<br /><small>" + TokenText.html(note) + "</small>")
                        .collect(Collectors.joining())
                + "</figcaption>";
    }
}
