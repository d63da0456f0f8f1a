package org.lens4j.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import org.lens4j.harvest.Harvest;
import org.lens4j.harvest.Harvested;
import org.lens4j.kernel.display.HarvestBar;

/** A harvest of a verb: its progress bar, and a clean end when the user presses Ctrl-C. */
final class Harvesting implements AutoCloseable {
    private final HarvestBar bar;
    private final PrintWriter out;
    private final CleanEnd end;

    private Harvesting(PrintWriter out, PrintWriter err) {
        this.out = out;
        // What is cut off is lost, and nothing else.
        this.end =
                CleanEnd.begin(err, "The last batch was cut off. The same command goes on behind the last whole file.");
        this.bar = new HarvestBar(Downloading.canvas(err), end::stops);
    }

    /** Says the end to {@code out} and draws to {@code err}. */
    static Harvesting begin(PrintWriter out, PrintWriter err) {
        return new Harvesting(out, err);
    }

    Harvested run(Harvest harvest, Path folder) throws IOException {
        Harvested harvested = harvest.into(folder, bar);
        // Here and not in the verb: where the user stopped it, the program ends when this is closed.
        out.println(harvested);
        return harvested;
    }

    @Override
    public void close() {
        end.close();
    }
}
