package org.lens4j.kernel.browser;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.openqa.selenium.Keys;
import org.openqa.selenium.WebElement;

/** A notebook in the distribution's Jupyter and Chromium, all its cells run, with its pictures in their order. */
final class NotebookPage implements AutoCloseable {
    static final Duration PATIENCE = Duration.ofMinutes(2);

    private static final Path WORK = Path.of(System.getProperty("lens.browser", "."));
    private static final String ALIVE =
            "document.querySelectorAll('figure.lens4j > .lens4j-still[hidden]').length === ";

    private final JupyterServer jupyter;
    private final Browser browser;
    private final String name;
    private final int figures;

    private NotebookPage(JupyterServer jupyter, Browser browser, String name, int figures) {
        this.jupyter = jupyter;
        this.browser = browser;
        this.name = name;
        this.figures = figures;
    }

    /**
     * Runs the cells one after the other, as a user does, and saves the notebook.
     *
     * @param name of the notebook, without its ending
     * @param figures how many pictures the cells show
     */
    static NotebookPage run(String name, List<String> cells, int figures) throws IOException, InterruptedException {
        JupyterServer jupyter = JupyterServer.start(WORK.resolve("notebooks"));
        NotebookPage page = new NotebookPage(jupyter, Browser.start(WORK.resolve("screenshots")), name, figures);
        jupyter.write(name + ".ipynb", cells);
        page.open(name);
        for (int i = 0; i < cells.size(); i++) {
            page.browser.script("Jupyter.notebook.select(arguments[0]); Jupyter.notebook.focus_cell()", i);
            page.browser.typeWith(Keys.SHIFT, Keys.ENTER);
        }
        page.browser.await(ALIVE + figures, PATIENCE);
        page.browser.script("Jupyter.notebook.save_notebook()");
        page.browser.await("!Jupyter.notebook.dirty", PATIENCE);
        return page;
    }

    /** Opens it anew, as it was saved. */
    void open() {
        open(name);
        browser.await(ALIVE + figures, PATIENCE);
    }

    private void open(String notebook) {
        browser.leaveFor(jupyter.address(notebook + ".ipynb"));
        browser.await(
                "!!(window.Jupyter && Jupyter.notebook && Jupyter.notebook.kernel"
                        + " && Jupyter.notebook.kernel.is_connected())",
                PATIENCE);
    }

    /** Opens it as somebody else's, which this server has not signed: its scripts are taken away. */
    void openAsStranger() throws IOException {
        String saved = Files.readString(jupyter.directory().resolve(name + ".ipynb"));
        // Other text, so another notebook than the one that was signed.
        Files.writeString(
                jupyter.directory().resolve("stranger.ipynb"), saved.replace("\"%load demo\"", "\"%load demo \""));
        open("stranger");
        browser.first("figure.lens4j img", PATIENCE);
    }

    /** As it is to begin with: light, not enlarged, the pointer where no picture is. */
    void reset() {
        browser.prefer("light");
        browser.zoom(1);
        browser.theme("");
        browser.point(browser.first("#header", PATIENCE));
    }

    Browser browser() {
        return browser;
    }

    /** A picture, from 0. */
    WebElement figure(int index) {
        return browser.all("figure.lens4j").get(index);
    }

    /** The cell of a heat map. */
    WebElement cell(int figure, int row, int column) {
        return Browser.in(figure(figure), "[data-at='%d,%d']".formatted(row, column));
    }

    /** Points at a place and gives what is said about it; points again where the page moved under the pointer. */
    String pointedAt(WebElement place) {
        return browser.until(PATIENCE, () -> {
            browser.point(browser.first("#header", PATIENCE));
            browser.point(place);
            return browser.all(".lens4j-tip").stream().findFirst().map(WebElement::getText);
        });
    }

    /** What is said about the place of the pointer or the focus. */
    String tip() {
        return browser.first(".lens4j-tip", PATIENCE).getText();
    }

    @Override
    public void close() {
        browser.close();
        jupyter.close();
    }
}
