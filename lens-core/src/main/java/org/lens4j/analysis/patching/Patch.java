package org.lens4j.analysis.patching;

import java.util.List;

/**
 * One patch of a sweep.
 *
 * @param index layer first, then the site's other axes
 * @param flat where its result goes in the grid, row-major
 * @param start the first position it can change
 */
record Patch(List<Integer> index, int flat, int start) {
    int layer() {
        return index.get(0);
    }

    int[] indices() {
        return index.stream().mapToInt(it -> it).toArray();
    }
}
