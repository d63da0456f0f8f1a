package org.lens4j.kernel.host;

import java.util.Optional;
import org.lens4j.kernel.display.MimeBundle;

/** Where a running cell shows things. */
interface Screen {
    void display(MimeBundle bundle, Optional<String> displayId);

    void update(MimeBundle bundle, String displayId);
}
