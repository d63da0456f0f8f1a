package org.lens4j.viz;

import java.awt.Color;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The colours of heat maps, safe for colour-blind readers. Every colour of every picture is decided here. */
public final class Palette {
    /** For values of one sign, small to large: dark violet, green, yellow. */
    public static final Palette VIRIDIS = new Palette(
            0x440154, 0x482878, 0x3e4989, 0x31688e, 0x26828e, 0x1f9e89, 0x35b779, 0x6ece58, 0xb5de2b, 0xfde725);
    /** For values around zero: red is below, white is zero, blue is above. */
    public static final Palette RED_BLUE = new Palette(
            0x67001f, 0xb2182b, 0xd6604d, 0xf4a582, 0xfddbc7, 0xf7f7f7, 0xd1e5f0, 0x92c5de, 0x4393c3, 0x2166ac,
            0x053061);

    /** For values of one sign behind words: white is zero. The upper half of {@link #RED_BLUE}. */
    public static final Palette BLUE = new Palette(0xf7f7f7, 0xd1e5f0, 0x92c5de, 0x4393c3, 0x2166ac, 0x053061);

    /** Behind every picture. */
    static final Color PAPER = Color.WHITE;
    /** Titles and labels. */
    static final Color INK = new Color(0x1f1f1f);
    /** Notes and axis names. */
    static final Color PALE_INK = new Color(0x595959);
    /** The frame around the cells. */
    static final Color FRAME = new Color(0xbdbdbd);
    /**
     * Lines beside each other: four colours of Okabe and Ito that stand out on white and on black, and three that do so too and
     * are far from them and each other for every reader.
     */
    static final List<Color> CATEGORIES = List.of(
            new Color(0x0072b2),
            new Color(0xd55e00),
            new Color(0x009e73),
            new Color(0xcc79a7),
            new Color(0x8822ff),
            new Color(0xee1155),
            new Color(0x9977ff));
    /** Lines behind curves. */
    static final Color PALE = new Color(0xe4e4e4);
    /** Bars above zero where there are others below. */
    static final Color UP = new Color(0x2166ac);
    /** Bars below zero. */
    static final Color DOWN = new Color(0xc92a35);
    /** Bars where none is below zero. */
    static final Color BAR = new Color(0x26828e);

    private final List<Color> stops;

    private Palette(int... rgb) {
        List<Color> colors = new ArrayList<>();
        for (int one : rgb) {
            colors.add(new Color(one));
        }
        this.stops = List.copyOf(colors);
    }

    /** The colours the palette runs through, evenly spaced, lowest value first. */
    public List<Color> stops() {
        return stops;
    }

    /**
     * The colour at a fraction of the way from the lowest to the highest value.
     *
     * @param fraction 0 to 1; what is outside gets the nearest end
     */
    public Color at(double fraction) {
        double place = Math.max(0, Math.min(1, fraction)) * (stops.size() - 1);
        int below = Math.min((int) place, stops.size() - 2);
        Color from = stops.get(below);
        Color to = stops.get(below + 1);
        double part = place - below;
        return new Color(
                between(from.getRed(), to.getRed(), part),
                between(from.getGreen(), to.getGreen(), part),
                between(from.getBlue(), to.getBlue(), part));
    }

    /**
     * Black or white, whichever can be read on that background: the contrast is at least 4.5 to 1 on any colour.
     *
     * @param background what the text is written on
     */
    public static Color textOn(Color background) {
        return contrast(background, Color.WHITE) >= contrast(background, Color.BLACK) ? Color.WHITE : Color.BLACK;
    }

    /** The contrast ratio of two colours as WCAG 2 defines it, 1 to 21. */
    static double contrast(Color one, Color other) {
        double first = luminance(one) + 0.05;
        double second = luminance(other) + 0.05;
        return Math.max(first, second) / Math.min(first, second);
    }

    /** How bright a colour is, 0 to 1: relative luminance as WCAG 2 defines it. */
    static double luminance(Color color) {
        return 0.2126 * linear(color.getRed()) + 0.7152 * linear(color.getGreen()) + 0.0722 * linear(color.getBlue());
    }

    /** The colour as HTML writes it, for example {@code #440154}. */
    static String hex(Color color) {
        return String.format(Locale.ROOT, "#%06x", color.getRGB() & 0xffffff);
    }

    private static double linear(int channel) {
        double c = channel / 255.0;
        return c <= 0.04045 ? c / 12.92 : Math.pow((c + 0.055) / 1.055, 2.4);
    }

    private static int between(int from, int to, double part) {
        return (int) Math.round(from + part * (to - from));
    }
}
