package org.lens4j.kernel.host;

import java.util.List;

/** A cell that did not run to its end, as a notebook shows it. */
final class CellFailure extends Exception {
    private final String ename;
    private final String evalue;
    private final List<String> lines;

    CellFailure(String ename, String evalue, List<String> lines) {
        super(ename + ": " + evalue);
        this.ename = ename;
        this.evalue = evalue;
        this.lines = List.copyOf(lines);
    }

    CellFailure(String ename, String evalue, List<String> lines, Throwable cause) {
        this(ename, evalue, lines);
        initCause(cause);
    }

    String ename() {
        return ename;
    }

    String evalue() {
        return evalue;
    }

    List<String> lines() {
        return lines;
    }
}
