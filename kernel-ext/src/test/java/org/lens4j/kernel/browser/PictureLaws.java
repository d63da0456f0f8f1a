package org.lens4j.kernel.browser;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.function.ThrowingConsumer;

/** What must hold of every picture of a page. */
interface PictureLaws {
    /** The page of the class. */
    NotebookPage page();

    /** Its pictures, in the order of the cells. */
    List<Picture> pictures();

    private Stream<DynamicTest> each(ThrowingConsumer<Picture> law) {
        return each(pictures().stream(), law);
    }

    private Stream<DynamicTest> each(Stream<Picture> some, ThrowingConsumer<Picture> law) {
        return some.map(it -> DynamicTest.dynamicTest(it.name(), () -> {
            page().reset();
            law.accept(it);
        }));
    }

    @TestFactory
    default Stream<DynamicTest> its_places_are_reached_by_keyboard_and_the_notebook_keeps_its_own() {
        return each(pictures().stream().filter(it -> it.arrow().isPresent()), Picture::requireReachedByKeyboard);
    }

    @TestFactory
    default Stream<DynamicTest> words_are_read_in_dark_and_in_light() {
        return each(Picture::requireReadInDarkAndInLight);
    }

    @TestFactory
    default Stream<DynamicTest> nothing_scrolls_that_has_the_room() {
        return each(Picture::requireNoScrolling);
    }

    @TestFactory
    default Stream<DynamicTest> at_200_percent_what_is_wider_scrolls_in_its_own_frame() {
        return each(Picture::requireZoomed);
    }

    @Test
    default void without_scripts_every_still_picture_stands_and_says_what_it_shows() throws IOException {
        Browser browser = page().browser();
        page().openAsStranger();
        try {
            assertThat(browser.script("return Jupyter.notebook.trusted")).isEqualTo(false);
            assertThat(browser.all("figure.lens4j script, figure.lens4j button, figure.lens4j svg"))
                    .isEmpty();
            for (Picture picture : pictures()) {
                picture.requireStill();
            }
        } finally {
            page().open();
        }
    }
}
