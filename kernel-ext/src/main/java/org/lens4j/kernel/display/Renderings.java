package org.lens4j.kernel.display;

import org.lens4j.viz.Rendering;

/** From a picture or table of lens-core to what a notebook shows. */
public final class Renderings {
    private Renderings() {}

    /** The same forms under their mime types. */
    public static MimeBundle bundle(Rendering rendering) {
        MimeBundle text = MimeBundle.text(rendering.text());
        MimeBundle withHtml = rendering.html().map(text::withHtml).orElse(text);
        return rendering.png().map(withHtml::withPng).orElse(withHtml);
    }
}
