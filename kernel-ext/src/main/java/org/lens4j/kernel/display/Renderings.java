package org.lens4j.kernel.display;

import java.util.List;
import java.util.stream.Collectors;
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

    /** The same with sentences below. */
    static MimeBundle noted(Rendering rendering, List<String> notes) {
        MimeBundle plain = bundle(rendering);
        if (notes.isEmpty()) {
            return plain;
        }
        String text = rendering.text() + "\n\n" + String.join("\n", notes);
        MimeBundle noted = plain.with(MimeBundle.TEXT, text);
        return rendering
                .html()
                .map(it -> noted.withHtml(it + paragraphs(notes)))
                .orElse(noted);
    }

    /** Sentences as HTML. */
    static String paragraphs(List<String> notes) {
        return notes.stream()
                .map(it -> it.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;"))
                .map(it -> "<p>" + it + "</p>")
                .collect(Collectors.joining());
    }
}
