package org.lens4j.kernel.magic;

import java.util.OptionalLong;
import org.lens4j.analysis.patching.PatchListener;
import org.lens4j.analysis.patching.PatchProgress;
import org.lens4j.kernel.display.ProgressBar;

/**
 * Long work in a cell: a progress bar, and an end when the user asks for one.
 *
 * @param host whose user may ask
 * @param bar closed with it
 */
record HostWork(Host host, ProgressBar bar) implements AutoCloseable {
    /** Work that begins now; a quick one shows nothing. */
    static HostWork begin(Host host, String label, String unit) {
        FirstPicture.drawBeside();
        return new HostWork(host, ProgressBar.of(label, OptionalLong.empty(), unit, new HostCanvas(host)));
    }

    /** The work has come so far. */
    void at(long done, long of) {
        bar.at(done, OptionalLong.of(of));
    }

    /** Told by a sweep of patches. */
    PatchListener patches() {
        return new PatchListener() {
            @Override
            public void at(PatchProgress progress) {
                HostWork.this.at(progress.done(), progress.of());
            }

            @Override
            public boolean stops() {
                return host.interrupted();
            }
        };
    }

    @Override
    public void close() {
        bar.close();
    }
}
