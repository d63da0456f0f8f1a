package org.lens4j.viz;

/** From a {@link Sheet} to its {@link Rendering}. */
final class Drawn {
    private Drawn() {}

    /**
     * All three forms.
     *
     * @param sheet the picture; its panels share their axes
     * @param text the same in words
     * @param alt what the picture shows, in one sentence
     */
    static Rendering of(Sheet sheet, String text, String alt) {
        return of(sheet, sheet, text, alt);
    }

    /**
     * All three forms, where the picture is divided in other panels than the HTML.
     *
     * @param picture for the PNG
     * @param html for the HTML; its panels share their axes
     * @param text the same in words
     * @param alt what the picture shows, in one sentence
     */
    static Rendering of(Sheet picture, Sheet html, String text, String alt) {
        return Figure.ofSheet(alt, SheetPicture.png(picture), text, SheetData.json(html))
                .rendering();
    }
}
