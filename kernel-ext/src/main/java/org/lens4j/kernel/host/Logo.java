package org.lens4j.kernel.host;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.geom.Ellipse2D;
import java.awt.geom.Line2D;
import java.awt.geom.RoundRectangle2D;
import java.awt.image.BufferedImage;
import org.lens4j.kernel.display.Displays;

/** The kernel's picture in the launcher: a lens over the lower triangle of an attention pattern. */
final class Logo {
    private static final Color DARK = new Color(0x35, 0x2f, 0x5b);
    private static final Color[] CELLS = {
        new Color(0xfd, 0xe7, 0x25),
        new Color(0x5e, 0xc9, 0x62),
        new Color(0x21, 0x91, 0x8c),
        new Color(0x3b, 0x52, 0x8b)
    };
    private static final double UNITS = 64;

    private Logo() {}

    static byte[] png(int pixels) {
        BufferedImage image = new BufferedImage(pixels, pixels, BufferedImage.TYPE_INT_ARGB);
        Graphics2D graphics = image.createGraphics();
        graphics.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
        graphics.scale(pixels / UNITS, pixels / UNITS);
        graphics.setColor(DARK);
        graphics.setStroke(new BasicStroke(8, BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND));
        graphics.draw(new Line2D.Double(44, 44, 58, 58));
        graphics.fill(new Ellipse2D.Double(2, 2, 48, 48));
        graphics.setColor(Color.WHITE);
        graphics.fill(new Ellipse2D.Double(6, 6, 40, 40));
        for (int row = 0; row < 3; row++) {
            for (int column = 0; column <= row; column++) {
                graphics.setColor(CELLS[row - column]);
                graphics.fill(new RoundRectangle2D.Double(13 + 9 * column, 13 + 9 * row, 8, 8, 2, 2));
            }
        }
        graphics.dispose();
        return Displays.png(image);
    }
}
