package org.lens4j.viz;

import java.util.List;

/**
 * Heat maps that share one colour scale, side by side: the common form of attention patterns, logit lenses and patching
 * results. {@link SheetPicture} draws it, {@link SheetData} hands it to the {@link Script}.
 *
 * @param heading with a legend
 * @param panels at least one
 * @param layout how large and how many in a row
 */
record Sheet(Heading heading, List<Panel> panels, Layout layout) {
    Sheet {
        panels = List.copyOf(panels);
    }

    /** What the colours mean. */
    Heading.Legend legend() {
        return heading.legend().orElseThrow();
    }

    /**
     * The size of one cell in pixels.
     *
     * @param width at least 1
     * @param height at least 1
     */
    record CellSize(int width, int height) {}

    /**
     * How large the picture's cells are and how many panels stand in a row.
     *
     * @param perRow how many panels stand side by side
     * @param cell one cell
     */
    record Layout(int perRow, CellSize cell) {
        private static final int WIDEST = 1480;
        private static final int SMALLEST_CELL = 3;
        private static final int LARGEST_CELL = 34;

        /** Room for a short text in each cell. */
        static Layout written() {
            return new Layout(1, new CellSize(70, 26));
        }

        /**
         * Square cells, as large as the page allows.
         *
         * @param panels how many
         * @param cells how many cells the longer side of a panel has
         */
        static Layout square(int panels, int cells) {
            int perRow = sideBySide(panels);
            int side = perRow == 1 ? 620 : perRow <= 3 ? 400 : perRow == 4 ? 320 : 220;
            int size = Math.min(side, (WIDEST - 80 - 24 * perRow) / perRow) / cells;
            int clipped = Math.max(SMALLEST_CELL, Math.min(LARGEST_CELL, size));
            return new Layout(perRow, new CellSize(clipped, clipped));
        }

        private static int sideBySide(int panels) {
            if (panels <= 3) {
                return panels;
            }
            if (panels == 4) {
                return 2;
            }
            if (panels <= 6 || panels == 9) {
                return 3;
            }
            return panels <= 16 ? 4 : 6;
        }
    }
}
