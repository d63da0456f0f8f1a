package org.lens4j.kernel.display;

import java.util.Collection;
import java.util.stream.Collectors;
import org.lens4j.viz.Rendering;
import org.lens4j.viz.TokenText;

/** From a picture or table of lens-core to what a notebook shows. */
public final class Renderings {
    private Renderings() {}

    /** The same forms under their mime types. */
    public static MimeBundle bundle(Rendering rendering) {
        MimeBundle text = MimeBundle.text(rendering.text());
        MimeBundle withHtml = rendering.html().map(text::withHtml).orElse(text);
        return rendering.png().map(withHtml::withPng).orElse(withHtml);
    }

    /**
     * The same forms with sentences below.
     *
     * @param notes what readers should know, one sentence or two each
     */
    public static MimeBundle noted(Rendering rendering, Collection<String> notes) {
        return noted(bundle(rendering), notes);
    }

    /**
     * What is shown already, with sentences below.
     *
     * @param notes what readers should know, one sentence or two each
     */
    public static MimeBundle noted(MimeBundle shown, Collection<String> notes) {
        MimeBundle text = shown.with(MimeBundle.TEXT, shown.plain().stripTrailing() + below("\n\n", notes));
        String html = shown.data().getOrDefault(MimeBundle.HTML, "");
        return html.isEmpty() ? text : text.withHtml(html + paragraphs(notes));
    }

    /** Two that belong together, one below the other, with the picture of the second. */
    static MimeBundle together(Rendering first, Rendering second) {
        MimeBundle text = MimeBundle.text(first.text() + "\n\n" + second.text());
        MimeBundle withHtml = first.html()
                .flatMap(above -> second.html().map(below -> text.withHtml(above + below)))
                .orElse(text);
        return second.png().map(withHtml::withPng).orElse(withHtml);
    }

    /** Sentences as HTML. */
    static String paragraphs(Collection<String> notes) {
        if (notes.isEmpty()) {
            return "";
        }
        return notes.stream()
                .map(it -> "<p>" + TokenText.html(it) + "</p>")
                .collect(Collectors.joining("", "<div class=\"" + TokenText.NO_FORMULA + "\">", "</div>"));
    }

    private static String below(String before, Collection<String> notes) {
        return notes.isEmpty() ? "" : before + String.join("\n", notes);
    }
}
