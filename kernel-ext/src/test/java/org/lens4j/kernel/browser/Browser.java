package org.lens4j.kernel.browser;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.openqa.selenium.By;
import org.openqa.selenium.OutputType;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;
import org.openqa.selenium.interactions.Actions;
import org.openqa.selenium.support.ui.WebDriverWait;

/** The distribution's Chromium without a window, with a profile of its own, and a folder for its screenshots. */
final class Browser implements AutoCloseable {
    /** It warns of each Chromium that is newer than itself; the few commands used here are the same in all. */
    private static final Logger SELENIUM = Logger.getLogger("org.openqa.selenium");

    private static final int WIDTH = 1280;
    private static final int HEIGHT = 900;

    private final ChromeDriver driver;
    private final Path pictures;

    private Browser(ChromeDriver driver, Path pictures) {
        this.driver = driver;
        this.pictures = pictures;
    }

    /**
     * Starts it.
     *
     * @param pictures the folder of the screenshots
     */
    static Browser start(Path pictures) throws IOException {
        SELENIUM.setLevel(Level.SEVERE);
        Files.createDirectories(pictures);
        ChromeOptions options = new ChromeOptions();
        options.setBinary("/usr/bin/chromium");
        options.addArguments(
                "--headless=new",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--window-size=" + WIDTH + "," + HEIGHT,
                "--user-data-dir=" + Files.createTempDirectory("lens-chromium"));
        ChromeDriverService service = new ChromeDriverService.Builder()
                .usingDriverExecutable(new java.io.File("/usr/bin/chromedriver"))
                .build();
        return new Browser(new ChromeDriver(service, options), pictures);
    }

    /** Opens a page. */
    void open(URI address) {
        driver.get(address.toString());
    }

    /** Opens a page and forgets the one before, whatever that says about unsaved work. */
    void leaveFor(URI address) {
        script("window.onbeforeunload = null");
        open(address);
    }

    /** What a script in the page returns. */
    Object script(String script, Object... arguments) {
        return Objects.requireNonNullElse(driver.executeScript(script, arguments), "");
    }

    /** The elements a CSS selector finds now. */
    List<WebElement> all(String selector) {
        return driver.findElements(By.cssSelector(selector));
    }

    /** The first element a CSS selector finds; waits for it. */
    WebElement first(String selector, Duration patience) {
        return Objects.requireNonNull(
                new WebDriverWait(driver, patience).until(it -> it.findElements(By.cssSelector(selector)).stream()
                        .findFirst()
                        .orElse(null)));
    }

    /** Waits until a script's value is true. */
    void await(String condition, Duration patience) {
        new WebDriverWait(driver, patience).until(it -> Boolean.TRUE.equals(script("return " + condition)));
    }

    /** Asks until there is an answer. */
    <T> T until(Duration patience, Supplier<Optional<T>> question) {
        return Objects.requireNonNull(
                new WebDriverWait(driver, patience).until(it -> question.get().orElse(null)));
    }

    /** Moves the pointer over an element. */
    void point(WebElement element) {
        script("arguments[0].scrollIntoView({block: 'center', inline: 'center'})", element);
        new Actions(driver).moveToElement(element).perform();
    }

    /** Types into whatever has the focus. */
    void type(CharSequence... keys) {
        new Actions(driver).sendKeys(keys).perform();
    }

    /** Types while a key is held. */
    void typeWith(CharSequence held, CharSequence keys) {
        new Actions(driver).keyDown(held).sendKeys(keys).keyUp(held).perform();
    }

    /** What the reader prefers: {@code light} or {@code dark}. */
    void prefer(String scheme) {
        driver.executeCdpCommand(
                "Emulation.setEmulatedMedia",
                Map.of("features", List.of(Map.of("name", "prefers-color-scheme", "value", scheme))));
    }

    /** Makes the window that wide. */
    void narrow(int width) {
        show(width, HEIGHT, 1);
    }

    /** Enlarges everything, as the browser's own zoom does: fewer and larger pixels in the same window. */
    void zoom(double factor) {
        show((int) (WIDTH / factor), (int) (HEIGHT / factor), factor);
    }

    private void show(int width, int height, double factor) {
        driver.executeCdpCommand(
                "Emulation.setDeviceMetricsOverride",
                Map.of("width", width, "height", height, "deviceScaleFactor", factor, "mobile", false));
    }

    /** Keeps a picture of the window. */
    byte[] keep(String name) throws IOException {
        byte[] png = driver.getScreenshotAs(OutputType.BYTES);
        Files.write(pictures.resolve(name + ".png"), png);
        return png;
    }

    /** JupyterLab's mark of a light or dark theme, {@code true} or {@code false}, with its colours; empty for none. */
    void theme(String light) {
        script("""
                const [mark, dark] = [arguments[0], arguments[0] === 'false'];
                document.body.toggleAttribute('data-jp-theme-light', false);
                if (mark) document.body.setAttribute('data-jp-theme-light', mark);
                for (const part of document.querySelectorAll('#notebook-container, .output_subarea')) {
                    part.style.background = dark ? '#111' : '';
                    part.style.color = dark ? '#eee' : '';
                }""", light);
    }

    /** The contrast of an element's text with what is behind it, as WCAG 2 defines it. */
    double contrast(WebElement element) {
        return contrast(element, "color");
    }

    /** The contrast of what an element is drawn with, {@code fill} for example, with what is behind it. */
    double contrast(WebElement element, String property) {
        Object ratio = script("""
                const channels = color => color.match(/[\\d.]+/g).map(Number);
                const over = (color, below) => {
                    const [r, g, b, share = 1] = channels(color);
                    return [r, g, b].map((c, i) => share * c + (1 - share) * below[i]);
                };
                const luminance = color => {
                    const [r, g, b] = color.map(c => c / 255 <= .04045 ? c / 3294.6 : ((c / 255 + .055) / 1.055) ** 2.4);
                    return .2126 * r + .7152 * g + .0722 * b + .05;
                };
                const behind = element => element
                    ? over(getComputedStyle(element).backgroundColor, behind(element.parentElement)) : [255, 255, 255];
                const paper = behind(arguments[1] === 'background-color' ? arguments[0].parentElement : arguments[0]);
                const ground = luminance(paper);
                const ink = luminance(over(getComputedStyle(arguments[0])[arguments[1]], paper));
                return Math.max(ground, ink) / Math.min(ground, ink);""", element, property);
        return ((Number) ratio).doubleValue();
    }

    /** Whether an element lies in the window with all its corners. */
    boolean isInWindow(WebElement element) {
        return Boolean.TRUE.equals(script("""
                const box = arguments[0].getBoundingClientRect();
                return box.left >= 0 && box.top >= 0 && box.right <= innerWidth && box.bottom <= innerHeight""", element));
    }

    /** The first element of a CSS selector inside another. */
    static WebElement in(WebElement element, String selector) {
        return element.findElement(By.cssSelector(selector));
    }

    /** All elements of a CSS selector inside another. */
    static List<WebElement> allIn(WebElement element, String selector) {
        return element.findElements(By.cssSelector(selector));
    }

    @Override
    public void close() {
        driver.quit();
    }
}
