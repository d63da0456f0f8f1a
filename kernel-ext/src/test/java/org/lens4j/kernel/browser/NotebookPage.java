package org.lens4j.kernel.browser;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.openqa.selenium.Keys;
import org.openqa.selenium.WebElement;

/**
 * A notebook in the distribution's Jupyter and Chromium, all its cells run, with its pictures in their order: open while the
 * tests of a class run, and before each of them as it was.
 *
 * <pre>{@code
 * @RegisterExtension
 * static final NotebookPage PAGE = NotebookPage.of("charts", List.of("%load demo", "%prompt a", "%next"), 1);
 * }</pre>
 */
final class NotebookPage implements BeforeAllCallback, BeforeEachCallback, AfterAllCallback {
    /** What most of them are about. */
    static final String PROMPT = "When Mary and John went to the store, John gave a drink to";

    static final Duration PATIENCE = Duration.ofMinutes(2);

    private static final Path WORK = Path.of(System.getProperty("lens.browser", "."));
    private static final String ALIVE =
            "document.querySelectorAll('figure.lens4j > .lens4j-still[hidden]').length === ";

    private final String name;
    private final List<String> cells;
    private final int figures;
    private Optional<Open> open = Optional.empty();

    private NotebookPage(String name, List<String> cells, int figures) {
        this.name = name;
        this.cells = List.copyOf(cells);
        this.figures = figures;
    }

    private record Open(JupyterServer jupyter, Browser browser) {}

    /**
     * A page that is opened when its tests begin.
     *
     * @param name of the notebook, without its ending
     * @param cells run one after the other, as a user does
     * @param figures how many pictures they show
     */
    static NotebookPage of(String name, List<String> cells, int figures) {
        return new NotebookPage(name, cells, figures);
    }

    /** A page of the embedded model, the usual prompt, and these cells, each with one picture. */
    static NotebookPage ofDemo(String name, List<String> cells) {
        List<String> all = new ArrayList<>(List.of("%load demo", "%prompt " + PROMPT));
        all.addAll(cells);
        return of(name, all, cells.size());
    }

    @Override
    public void beforeAll(ExtensionContext context) throws IOException, InterruptedException {
        JupyterServer jupyter = JupyterServer.start(WORK.resolve("notebooks"));
        Browser browser = Browser.start(WORK.resolve("screenshots"));
        open = Optional.of(new Open(jupyter, browser));
        jupyter.write(name + ".ipynb", cells);
        open(name);
        for (int i = 0; i < cells.size(); i++) {
            browser.script("Jupyter.notebook.select(arguments[0]); Jupyter.notebook.focus_cell()", i);
            browser.typeWith(Keys.SHIFT, Keys.ENTER);
        }
        browser.await(ALIVE + figures, PATIENCE);
        browser.script("Jupyter.notebook.save_notebook()");
        browser.await("!Jupyter.notebook.dirty", PATIENCE);
    }

    @Override
    public void beforeEach(ExtensionContext context) {
        reset();
    }

    private JupyterServer jupyter() {
        return open.orElseThrow().jupyter();
    }

    Browser browser() {
        return open.orElseThrow().browser();
    }

    /** Opens it anew, as it was saved. */
    void open() {
        open(name);
        browser().await(ALIVE + figures, PATIENCE);
    }

    private void open(String notebook) {
        browser().leaveFor(jupyter().address(notebook + ".ipynb"));
        browser()
                .await(
                        "!!(window.Jupyter && Jupyter.notebook && Jupyter.notebook.kernel"
                                + " && Jupyter.notebook.kernel.is_connected())",
                        PATIENCE);
    }

    /** Opens it as somebody else's, which this server has not signed: its scripts are taken away. */
    void openAsStranger() throws IOException {
        String saved = Files.readString(jupyter().directory().resolve(name + ".ipynb"));
        // Other text, so another notebook than the one that was signed.
        Files.writeString(
                jupyter().directory().resolve("stranger.ipynb"), saved.replace("\"%load demo\"", "\"%load demo \""));
        open("stranger");
        browser().first("figure.lens4j img", PATIENCE);
    }

    /** As it is to begin with: light, not enlarged, pointer and focus where no picture is. */
    void reset() {
        browser().script("document.activeElement.blur()");
        browser().prefer("light");
        browser().zoom(1);
        browser().theme("");
        browser().point(browser().first("#header", PATIENCE));
    }

    /** A picture, from 0. */
    WebElement figure(int index) {
        return browser().all("figure.lens4j").get(index);
    }

    /** The cell of a heat map. */
    WebElement cell(int figure, int row, int column) {
        return Browser.in(figure(figure), "[data-at='%d,%d']".formatted(row, column));
    }

    /** Points at a place and gives what is said about it; points again where the page moved under the pointer. */
    String pointedAt(WebElement place) {
        return browser().until(PATIENCE, () -> {
            browser().point(browser().first("#header", PATIENCE));
            browser().point(place);
            return browser().all(".lens4j-tip").stream().findFirst().map(WebElement::getText);
        });
    }

    /** What is said about the place of the pointer or the focus. */
    String tip() {
        return browser().first(".lens4j-tip", PATIENCE).getText();
    }

    @Override
    public void afterAll(ExtensionContext context) {
        open.ifPresent(it -> {
            it.browser().close();
            it.jupyter().close();
        });
    }
}
