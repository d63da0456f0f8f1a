package org.lens4j.kernel.magic;

import java.util.List;
import org.lens4j.analysis.Axis;
import org.lens4j.analysis.Grid;
import org.lens4j.viz.GridView;
import org.lens4j.viz.Rendering;

/**
 * The first picture of a process, which takes half a second for fonts and classes where a later one takes some milliseconds.
 * Long work has it drawn beside itself, so that what it has found is shown at once when the user stops it.
 */
final class FirstPicture {
    private FirstPicture() {}

    /** Drawn when it is asked for the first time. */
    private static final class Once {
        private static final Rendering DRAWN = GridView.of(new Grid(
                "first", "", List.of(Axis.counted("row", 2), Axis.counted("column", 2)), new float[] {0, 1, 2, 3}));

        static boolean isDrawn() {
            return DRAWN.png().isPresent();
        }
    }

    /** Draws it on a thread of its own; does nothing if it was drawn. */
    static void drawBeside() {
        Thread drawing = new Thread(Once::isDrawn, "first-picture");
        drawing.setDaemon(true);
        drawing.start();
    }
}
