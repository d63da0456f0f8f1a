package org.lens4j.viz;

import java.util.Base64;

/**
 * A picture as HTML. What stands in the page is the still picture with its words; what the {@link Script} puts in its place lies
 * behind it as inert text. A sanitizer that takes scripts away takes both, and styles too, and leaves the still picture.
 */
final class Figure {
    private final String alt;
    private final byte[] png;
    private final String text;
    private final String type;
    private final String live;

    private Figure(String alt, byte[] png, String text, String type, String live) {
        this.alt = alt;
        this.png = png;
        this.text = text;
        this.type = type;
        this.live = live;
    }

    /**
     * A figure whose HTML is finished.
     *
     * @param alt what the picture shows, in one sentence
     * @param png the still picture, which says all the HTML says
     * @param text the same in words
     * @param live begins with a {@link Heading#html()}
     */
    static Figure of(String alt, byte[] png, String text, String live) {
        return new Figure(alt, png, text, "text/html", live);
    }

    /**
     * A figure that the script makes of heat maps.
     *
     * @param alt what the picture shows, in one sentence
     * @param png the still picture, which says all the HTML says
     * @param text the same in words
     * @param json as {@link SheetData} writes it
     */
    static Figure ofSheet(String alt, byte[] png, String text, String json) {
        return new Figure(alt, png, text, "application/json", json);
    }

    /** All three forms. */
    Rendering rendering() {
        return Rendering.of(text).withHtml(html()).withPng(png, alt);
    }

    private String html() {
        return "<figure class=\"lens4j " + TokenText.NO_FORMULA + "\" style=\"margin:0\" aria-label=\""
                + TokenText.html(alt) + "\">"
                + "<div class=\"lens4j-still\"><img alt=\"" + TokenText.html(alt)
                + "\" style=\"max-width:100%\" src=\"data:image/png;base64,"
                + Base64.getEncoder().encodeToString(png) + "\" /><details><summary>In words</summary><pre>"
                + TokenText.html(text) + "</pre></details></div><script type=\"" + type + "\">" + live + "</script>"
                + Script.element() + "</figure>";
    }
}
