package org.lens4j.kernel.display;

import java.util.Base64;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * One thing to show, in several forms; the reader's program takes the richest it knows.
 *
 * <pre>{@code MimeBundle.text("12 heads").withHtml("<b>12 heads</b>").withPng(png)}</pre>
 *
 * @param data content by mime type: text as it is, pictures in base64; {@code text/plain} is always there
 */
public record MimeBundle(Map<String, String> data) {
    public static final String TEXT = "text/plain";
    public static final String HTML = "text/html";
    public static final String PNG = "image/png";
    public static final String SVG = "image/svg+xml";

    public MimeBundle {
        if (!data.containsKey(TEXT)) {
            throw new IllegalArgumentException(
                    "A bundle for display has %s but no %s. Start it with MimeBundle.text(..)."
                            .formatted(data.keySet(), TEXT));
        }
        data = Collections.unmodifiableMap(new LinkedHashMap<>(data));
    }

    /** A bundle with plain text only; the other forms are added to it. */
    public static MimeBundle text(String text) {
        return new MimeBundle(Map.of(TEXT, text));
    }

    /** This bundle with HTML beside it. */
    public MimeBundle withHtml(String html) {
        return with(HTML, html);
    }

    /** This bundle with a picture beside it, given as the bytes of a PNG file. */
    public MimeBundle withPng(byte[] png) {
        return with(PNG, Base64.getEncoder().encodeToString(png));
    }

    /** This bundle with one more form, or another content for one it has. */
    public MimeBundle with(String mimeType, String content) {
        Map<String, String> more = new LinkedHashMap<>(data);
        more.put(mimeType, content);
        return new MimeBundle(more);
    }

    /** The plain text. */
    public String plain() {
        return data.getOrDefault(TEXT, "");
    }
}
