package org.lens4j.kernel.magic;

import java.util.Optional;
import org.lens4j.kernel.display.MimeBundle;
import org.lens4j.kernel.display.ProgressBar;

/** A progress bar in the running cell: one output that is updated. */
public final class HostCanvas implements ProgressBar.Canvas {
    private final Host host;
    private Optional<String> displayId = Optional.empty();

    /** A place for one bar. */
    public HostCanvas(Host host) {
        this.host = host;
    }

    @Override
    public void draw(String line) {
        MimeBundle bundle = MimeBundle.text(line);
        if (displayId.isPresent()) {
            host.update(displayId.get(), bundle);
        } else {
            displayId = Optional.of(host.displayUpdatable(bundle));
        }
    }

    @Override
    public void end(String line) {
        draw(line);
    }
}
