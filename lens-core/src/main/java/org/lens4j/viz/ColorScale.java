package org.lens4j.viz;

import java.awt.Color;
import org.lens4j.analysis.Grid;

/**
 * From a number to its colour.
 *
 * @param palette the colours
 * @param min the value that gets the first colour
 * @param max the value that gets the last colour, larger than {@code min}
 */
public record ColorScale(Palette palette, float min, float max) {
    /** Probabilities and scores: 0 to 1, dark to bright. */
    public static ColorScale probability() {
        return new ColorScale(Palette.VIRIDIS, 0, 1);
    }

    /**
     * The scale that fits a grid: 0 to 1 for probabilities and scores; white at zero, blue above and red below, with
     * symmetric ends, where there are negative numbers; otherwise 0 to the largest number.
     *
     * @param grid what will be shown
     */
    public static ColorScale of(Grid grid) {
        float least = 0;
        float most = 0;
        for (float value : grid.values()) {
            if (Float.isFinite(value)) {
                least = Math.min(least, value);
                most = Math.max(most, value);
            }
        }
        if (least < 0) {
            float end = Math.max(-least, most);
            return new ColorScale(Palette.RED_BLUE, -end, end);
        }
        boolean fraction = (grid.unit().equals("probability") || grid.unit().equals("score")) && most <= 1;
        return new ColorScale(Palette.VIRIDIS, 0, fraction || most == 0 ? 1 : most);
    }

    /**
     * The scale for numbers behind words: white at zero, blue above; red below where there are negative numbers.
     *
     * @param grid what will be shown
     */
    static ColorScale ofText(Grid grid) {
        float least = 0;
        float most = 0;
        for (float value : grid.values()) {
            if (Float.isFinite(value)) {
                least = Math.min(least, value);
                most = Math.max(most, value);
            }
        }
        return ofText(least, most);
    }

    /** The same for numbers from the least to the most. */
    static ColorScale ofText(float least, float most) {
        float end = Math.max(-least, most) > 0 ? Math.max(-least, most) : 1;
        return least < 0 ? new ColorScale(Palette.RED_BLUE, -end, end) : new ColorScale(Palette.BLUE, 0, end);
    }

    /** The colour of a number; what is outside the scale gets the nearest end. */
    public Color color(float value) {
        return palette.at((value - min) / (max - min));
    }

    /** What the colours mean where that has to be said, else empty. */
    String meaning() {
        return palette == Palette.RED_BLUE ? "blue = up, red = down" : "";
    }
}
