package org.lens4j.viz;

import java.awt.Color;
import java.util.stream.Stream;
import org.lens4j.analysis.Grid;

/**
 * From a number to its colour.
 *
 * @param palette the colours
 * @param min the value that gets the first colour
 * @param max the value that gets the last colour, larger than {@code min}
 */
public record ColorScale(Palette palette, float min, float max) {
    private static final int FAR = 10;

    /** Probabilities and scores: 0 to 1, dark to bright. */
    public static ColorScale probability() {
        return new ColorScale(Palette.VIRIDIS, 0, 1);
    }

    /**
     * The scale that fits a grid: 0 to 1 for probabilities and scores; white at zero, blue above and red below, with
     * symmetric ends, where there are negative numbers; otherwise 0 to the largest number. A scale of shares reaches at
     * least to the whole, so that next to nothing looks like it.
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
        boolean shares = grid.unit().equals("share");
        if (least < 0) {
            float end = Math.max(Math.max(-least, most), shares ? 1 : 0);
            return new ColorScale(Palette.RED_BLUE, -end, end);
        }
        boolean fraction = (grid.unit().equals("probability") || grid.unit().equals("score") || shares) && most <= 1;
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

    /** The size numbers are written for: the scale's larger end, or the largest of them where all lie far within it. */
    float sizeFor(Stream<Grid> grids) {
        float end = Math.max(Math.abs(min), Math.abs(max));
        float[] largest = {0};
        grids.forEach(grid -> {
            for (float value : grid.values()) {
                largest[0] = Float.isFinite(value) ? Math.max(largest[0], Math.abs(value)) : largest[0];
            }
        });
        return largest[0] > 0 && largest[0] < end / FAR ? largest[0] : end;
    }

    /** What the colours mean where that has to be said, else empty. */
    String meaning() {
        return palette == Palette.RED_BLUE ? "blue = up, red = down" : "";
    }
}
