package org.lens4j.analysis.patching;

/**
 * One of several sweeps that are one to their listener.
 *
 * @param whole told of all of them
 * @param before patches of the sweeps before this one
 * @param of patches of all
 */
record PartOfSweeps(PatchListener whole, int before, int of) implements PatchListener {
    @Override
    public void at(PatchProgress progress) {
        whole.at(new PatchProgress(before + progress.done(), of));
    }

    @Override
    public boolean stops() {
        return whole.stops();
    }
}
