package org.lens4j.kernel.browser;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.openqa.selenium.Keys;
import org.openqa.selenium.WebElement;

/**
 * One picture of a page, and what must hold of every one.
 *
 * @param page where it is
 * @param index which of the page's pictures, from 0
 * @param name among the screenshots
 * @param alt how its alternative text begins
 * @param words a selector of words in it
 * @param arrow a key that leads from one of its places to another; empty where it has none
 */
record Picture(NotebookPage page, int index, String name, String alt, String words, Optional<Keys> arrow) {
    WebElement figure() {
        return page.figure(index);
    }

    WebElement in(String selector) {
        return Browser.in(figure(), selector);
    }

    List<WebElement> all(String selector) {
        return Browser.allIn(figure(), selector);
    }

    private Browser browser() {
        return page.browser();
    }

    /** Its words stand out in the notebook's light and dark, and the picture is another where the reader prefers dark. */
    void requireReadInDarkAndInLight() throws IOException {
        WebElement text = in(words);
        browser().point(text);
        byte[] light = browser().keep(name + "-light");
        for (String theme : List.of("true", "false")) {
            browser().theme(theme);
            assertThat(browser().contrast(text)).as(theme).isGreaterThan(4.5);
        }
        browser().prefer("dark");
        assertThat(browser().keep(name + "-dark")).isNotEqualTo(light);
    }

    /** What has the room does not scroll. */
    void requireNoScrolling() {
        assertThat(browser()
                        .script(
                                "return [...arguments[0].querySelectorAll('div:not([hidden])')]"
                                        + ".filter(it => getComputedStyle(it).overflowY === 'auto' && it.scrollHeight > it.clientHeight).length",
                                figure()))
                .isEqualTo(0L);
    }

    /** At twice the size what is wider scrolls inside its own frame. */
    void requireZoomed() throws IOException {
        browser().zoom(2);
        browser().point(figure());
        browser().keep(name + "-zoomed");
        assertThat(browser()
                        .script(
                                "return arguments[0].scrollWidth <= arguments[0].clientWidth + 1",
                                in("div:not([hidden])")))
                .isEqualTo(true);
    }

    /** An arrow key goes from a place to another, which is said; and the notebook keeps its own place. */
    void requireReachedByKeyboard() {
        WebElement first = in("[data-tip][tabindex='0']");
        browser().script("Jupyter.notebook.select(0); Jupyter.notebook.focus_cell()");
        Object selected = browser().script("return Jupyter.notebook.get_selected_index()");
        browser().script("arguments[0].focus({focusVisible: true})", first);
        browser().type(arrow.orElseThrow());
        Map<?, ?> now = (Map<?, ?>)
                browser()
                        .script(
                                "const at = document.activeElement; return {tip: at.dataset.tip || '', label: at.getAttribute('aria-label') || ''}");
        assertThat(now.get("tip")).isNotEqualTo(first.getAttribute("data-tip")).isEqualTo(now.get("label"));
        assertThat(page.tip().replaceAll("\\s+", " "))
                .isEqualTo(String.valueOf(now.get("tip")).replaceAll("\\s+", " "));
        assertThat(browser().script("return Jupyter.notebook.get_selected_index()"))
                .isEqualTo(selected);
        browser().type(Keys.ESCAPE);
        assertThat(browser().all(".lens4j-tip")).isEmpty();
    }

    /** Where scripts are taken away, the still picture stands and says what it shows. */
    void requireStill() throws IOException {
        WebElement picture = in("img");
        browser().point(picture);
        browser().keep(name + "-untrusted");
        assertThat(picture.isDisplayed()).as(name).isTrue();
        assertThat(picture.getAttribute("alt")).as(name).startsWith(alt).hasSizeGreaterThan(20);
        assertThat(browser()
                        .script("return arguments[0].naturalWidth > 200 && arguments[0].offsetHeight > 40", picture))
                .as(name)
                .isEqualTo(true);
    }
}
