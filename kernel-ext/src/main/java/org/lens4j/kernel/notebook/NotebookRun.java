package org.lens4j.kernel.notebook;

import java.time.Duration;
import java.util.Optional;

/**
 * What came of running a notebook.
 *
 * @param notebook the notebook with the outputs of this run; cells that were not reached have none
 * @param codeCells how many code cells it has, empty ones not counted
 * @param ran how many of them were run, the one that stopped it included
 * @param failed how many of them failed, also where that was allowed
 * @param stop why it ended before its end; empty if it did not
 * @param took the time of all cells together
 */
public record NotebookRun(Notebook notebook, int codeCells, int ran, int failed, Optional<Stop> stop, Duration took) {
    /**
     * Why a run ended early.
     *
     * @param codeCell which code cell, counted from 1, empty ones not counted
     * @param source the cell's text
     * @param reason what happened, in one or more lines
     */
    public record Stop(int codeCell, String source, String reason) {}
}
