package org.lens4j.viz;

import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.Rectangle;
import java.awt.RenderingHints;
import java.awt.geom.AffineTransform;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import javax.imageio.ImageIO;
import javax.imageio.stream.MemoryCacheImageOutputStream;

/** Words on pictures: measuring, shortening, drawing, and the PNG file at the end. */
final class Ink {
    static final Font LABEL = new Font(Font.SANS_SERIF, Font.PLAIN, 12);
    static final Font HEADING = new Font(Font.SANS_SERIF, Font.BOLD, 13);
    static final Font TITLE = new Font(Font.SANS_SERIF, Font.BOLD, 15);

    /** A PNG file beyond this takes much of what a notebook's output may hold. */
    private static final int LARGE = 200_000;

    private Ink() {}

    /** A white page. */
    static BufferedImage page(int width, int height) {
        BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        Graphics2D g = image.createGraphics();
        g.setColor(Palette.PAPER);
        g.fillRect(0, 0, width, height);
        g.dispose();
        return image;
    }

    /** A pen for that page, with smooth text. */
    static Graphics2D pen(BufferedImage image) {
        Graphics2D g = image.createGraphics();
        g.setRenderingHint(RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
        g.setRenderingHint(RenderingHints.KEY_FRACTIONALMETRICS, RenderingHints.VALUE_FRACTIONALMETRICS_ON);
        g.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
        return g;
    }

    /** The page as a PNG file; of a large one colours differ by at most 4 of 255, which no reader sees. */
    static byte[] png(BufferedImage image) {
        byte[] exact = encoded(image);
        return exact.length <= LARGE ? exact : encoded(withFewerColors(image));
    }

    private static byte[] encoded(BufferedImage image) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (MemoryCacheImageOutputStream out = new MemoryCacheImageOutputStream(bytes)) {
            if (!ImageIO.write(image, "png", out)) {
                throw new IOException("this Java has no PNG writer");
            }
        } catch (IOException e) {
            throw new UncheckedIOException("The picture could not be written as PNG.", e);
        }
        return bytes.toByteArray();
    }

    private static BufferedImage withFewerColors(BufferedImage image) {
        int width = image.getWidth();
        int height = image.getHeight();
        int[] pixels = image.getRGB(0, 0, width, height, null, 0, width);
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = rounded(pixels[i], 16) | rounded(pixels[i], 8) | rounded(pixels[i], 0);
        }
        BufferedImage page = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        page.setRGB(0, 0, width, height, pixels, 0, width);
        return page;
    }

    private static int rounded(int pixel, int shift) {
        return Math.min(255, (((pixel >> shift) & 255) + 4) & ~7) << shift;
    }

    static int width(Graphics2D g, Font font, String text) {
        return (int) Math.ceil(
                font.getStringBounds(drawable(text), g.getFontRenderContext()).getWidth());
    }

    static int widest(Graphics2D g, Font font, Collection<String> texts) {
        return texts.stream().mapToInt(text -> width(g, font, text)).max().orElse(0);
    }

    /** The text, without its middle if it would be wider than that; empty if nothing fits. */
    static String fitted(Graphics2D g, Font font, String text, int width) {
        String shown = text;
        for (int longest = text.codePointCount(0, text.length()); longest > 0; longest--) {
            shown = TokenText.shortened(text, longest);
            if (width(g, font, shown) <= width) {
                return shown;
            }
        }
        return "";
    }

    /** The text in lines that are not wider than that. */
    static List<String> wrapped(Graphics2D g, Font font, String text, int width) {
        List<String> lines = new ArrayList<>();
        String line = "";
        for (String word : text.split(" ", -1)) {
            String longer = line.isEmpty() ? word : line + " " + word;
            if (!line.isEmpty() && width(g, font, longer) > width) {
                lines.add(line);
                longer = word;
            }
            line = longer;
        }
        lines.add(line);
        return lines;
    }

    /** Draws from a point on the base line to the right. */
    static void left(Graphics2D g, String text, int x, int y) {
        g.drawString(drawable(text), x, y);
    }

    /** Draws so that the text ends at a point, in the middle of its height. */
    static void right(Graphics2D g, String text, int x, int middle) {
        g.drawString(drawable(text), x - width(g, g.getFont(), text), middle + ascent(g) / 2 - 1);
    }

    /** Draws in the middle of a rectangle. */
    static void centered(Graphics2D g, String text, Rectangle in, Color color) {
        g.setColor(color);
        g.drawString(
                drawable(text),
                in.x + (in.width - width(g, g.getFont(), text)) / 2f,
                in.y + (in.height + ascent(g)) / 2 - 1);
    }

    /** Draws turned to the left by that many degrees, so that the end of the text is at a point. */
    static void turned(Graphics2D g, String text, double degrees, int x, int y) {
        AffineTransform before = g.getTransform();
        g.translate(x, y);
        g.rotate(-Math.toRadians(degrees));
        g.drawString(drawable(text), -width(g, g.getFont(), text), ascent(g) / 2 - 1);
        g.setTransform(before);
    }

    private static int ascent(Graphics2D g) {
        return g.getFontMetrics().getAscent();
    }

    /** The text with the characters no font of this machine can draw replaced by their code points. */
    static String drawable(String text) {
        if (LABEL.canDisplayUpTo(text) < 0) {
            return text;
        }
        StringBuilder out = new StringBuilder();
        text.codePoints().forEach(point -> {
            if (LABEL.canDisplay(point)) {
                out.appendCodePoint(point);
            } else {
                out.append("\\x{%04X}".formatted(point));
            }
        });
        return out.toString();
    }
}
