package org.lens4j.viz;

import java.util.Base64;

/** From a {@link Sheet} to its {@link Rendering}. */
final class Drawn {
    /** A notebook output beyond this makes the notebook slow to open. */
    private static final int LONGEST_HTML = 1_000_000;

    private static final String NOTE = "<figcaption style=\"text-align:left\"><small>A picture, because so many cells "
            + "with tooltips would make the notebook slow. Ask for fewer heads or tokens to point at single cells."
            + "</small></figcaption>";

    private Drawn() {}

    /**
     * All three forms.
     *
     * @param sheet the picture
     * @param text the same in words
     * @param alt what the picture shows, in one sentence
     */
    static Rendering of(Sheet sheet, String text, String alt) {
        byte[] png = SheetPicture.png(sheet);
        String html = SheetHtml.figure(sheet);
        if (html.length() > LONGEST_HTML) {
            html = "<figure style=\"margin:0\">" + picture(png, alt) + NOTE + pre(text) + "</figure>";
        }
        return Rendering.of(text).withHtml(html).withPng(png, alt);
    }

    private static String picture(byte[] png, String alt) {
        return "<img alt=\"" + TokenText.html(alt) + "\" style=\"max-width:100%\" src=\"data:image/png;base64,"
                + Base64.getEncoder().encodeToString(png) + "\" />";
    }

    private static String pre(String text) {
        return "<details><summary>The strongest cells</summary><pre>" + TokenText.html(text) + "</pre></details>";
    }
}
