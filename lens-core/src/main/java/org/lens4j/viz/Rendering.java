package org.lens4j.viz;

import java.util.Optional;

/**
 * One result in up to three forms that say the same: text, HTML and a picture. Whoever shows it takes the best form the
 * place can show. Immutable.
 *
 * <pre>{@code
 * Rendering shown = AttentionView.of(pattern);
 * System.out.println(shown.text());
 * Files.write(Path.of("attention.png"), shown.png().orElseThrow());
 * }</pre>
 */
public final class Rendering {
    private final String text;
    private final Optional<String> html;
    private final Optional<byte[]> png;
    private final String alt;

    private Rendering(String text, Optional<String> html, Optional<byte[]> png, String alt) {
        this.text = text;
        this.html = html;
        this.png = png;
        this.alt = alt;
    }

    /**
     * A result that has a text only.
     *
     * @param text readable in a fixed-width font
     */
    public static Rendering of(String text) {
        return new Rendering(text, Optional.empty(), Optional.empty(), "");
    }

    /**
     * The same with HTML.
     *
     * @param fragment self-contained and escaped: no script, no id, nothing from the network
     */
    public Rendering withHtml(String fragment) {
        return new Rendering(text, Optional.of(fragment), png, alt);
    }

    /**
     * The same with a picture.
     *
     * @param image a PNG file
     * @param description what the picture shows, for those who cannot see it
     */
    public Rendering withPng(byte[] image, String description) {
        return new Rendering(text, html, Optional.of(image.clone()), description);
    }

    /** The plain text, aligned for a fixed-width font, without a line break at its end. */
    public String text() {
        return text;
    }

    /** The HTML fragment, if there is one. */
    public Optional<String> html() {
        return html;
    }

    /** A copy of the PNG file, if there is one. */
    public Optional<byte[]> png() {
        return png.map(byte[]::clone);
    }

    /** What the picture shows, in one sentence; empty if there is no picture. */
    public String alt() {
        return alt;
    }

    @Override
    public String toString() {
        return text;
    }
}
