package org.lens4j.kernel.notebook;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * A notebook as one page that stands by itself: styles and pictures inside, nothing loaded from anywhere, readable in
 * light, in dark and on paper. What a cell put out as {@code text/html} is embedded as it is.
 *
 * <pre>{@code
 * String page = NotebookHtml.of(notebook, Path.of("notebooks/01-first-look.ipynb"));
 * }</pre>
 */
public final class NotebookHtml {
    private static final Map<String, String> PICTURES = Map.of(
            "png", "image/png",
            "jpg", "image/jpeg",
            "jpeg", "image/jpeg",
            "gif", "image/gif",
            "webp", "image/webp",
            "svg", "image/svg+xml");

    private final Notebook notebook;
    private final Path file;
    private final Markdown markdown = new Markdown();

    private NotebookHtml(Notebook notebook, Path file) {
        this.notebook = notebook;
        this.file = file;
    }

    /**
     * Renders a notebook.
     *
     * @param notebook what to show
     * @param file where the notebook stands: names the page, and pictures in prose are looked up beside it
     * @return the whole page
     */
    public static String of(Notebook notebook, Path file) {
        return new NotebookHtml(notebook, file).page();
    }

    /**
     * Renders a notebook into a file, all of it or nothing.
     *
     * @param notebook what to show
     * @param file where the notebook stands, see {@link #of}
     * @param page where to write; folders that are missing are made, an existing file is replaced
     * @throws NotebookException if the place cannot be written
     */
    public static void write(Notebook notebook, Path file, Path page) {
        Notebook.writeText(page, of(notebook, file));
    }

    private String page() {
        String name = String.valueOf(file.getFileName());
        StringBuilder body = new StringBuilder();
        for (int i = 0; i < notebook.cells().size(); i++) {
            body.append(cell(notebook.cells().get(i), i + 1));
        }
        return """
                <!DOCTYPE html>
                <html lang="en">
                <head>
                <meta charset="utf-8">
                <meta name="viewport" content="width=device-width, initial-scale=1">
                <meta name="color-scheme" content="light dark">
                <meta name="generator" content="Lens4J">
                <title>%s</title>
                <style>
                %s</style>
                </head>
                <body>
                <main>
                %s</main>
                <footer>%s, run and written by Lens4J</footer>
                </body>
                </html>
                """.formatted(Html.escape(notebook.title().orElse(name)), style(), body.toString(), Html.escape(name));
    }

    private String cell(Cell cell, int number) {
        return switch (cell.kind()) {
            case MARKDOWN ->
                "<section class=\"cell prose\" id=\"cell-%d\">\n%s</section>\n"
                        .formatted(number, markdown.toHtml(cell.source(), address -> embedded(address, cell)));
            case RAW ->
                "<section class=\"cell raw\" id=\"cell-%d\"><pre>%s</pre></section>\n"
                        .formatted(number, Html.escape(cell.source()));
            case CODE -> code(cell, number);
        };
    }

    private static String code(Cell cell, int number) {
        String count = cell.executionCount().isPresent()
                ? String.valueOf(cell.executionCount().getAsInt())
                : " ";
        String in = cell.source().isBlank() ? "" : row("in", "In [%s]:".formatted(count), input(cell));
        StringBuilder out = new StringBuilder();
        for (CellOutput output : cell.outputs()) {
            boolean isValue = output instanceof CellOutput.Shown shown
                    && shown.executionCount().isPresent();
            out.append(row("out", isValue ? "Out[%s]:".formatted(count) : "", OutputHtml.of(output)));
        }
        String body = in + out;
        if (cell.isSourceFolded()) {
            body = cell.areOutputsFolded() ? folded(cell, body) : folded(cell, in) + out;
        }
        return "<section class=\"cell code\" id=\"cell-%d\">\n%s</section>\n".formatted(number, body);
    }

    /** What a reader opens by a click; the code's first line says what it is. */
    private static String folded(Cell cell, String content) {
        String first = cell.source().lines().findFirst().orElse("").replaceFirst("^//+\\s*", "");
        return "<details class=\"folded\"><summary>%s</summary>\n%s</details>\n"
                .formatted(Html.escape(first.isBlank() ? "Code" : first), content);
    }

    private static String input(Cell cell) {
        return "<pre class=\"source\" tabindex=\"0\"><code>%s</code></pre>"
                .formatted(JavaHighlighter.toHtml(cell.source()));
    }

    private static String row(String kind, String prompt, String content) {
        return "<div class=\"row %s\"><div class=\"prompt\">%s</div><div class=\"content\">%s</div></div>\n"
                .formatted(kind, Html.escape(prompt), content);
    }

    /** A picture of the prose as a {@code data:} address: from the cell's attachments, or from a file by the notebook. */
    private Optional<String> embedded(String address, Cell cell) {
        String lower = address.toLowerCase(Locale.ROOT);
        if (lower.startsWith("data:image/")) {
            return Optional.of(address);
        }
        if (lower.startsWith("attachment:")) {
            return cell.attachment(address.substring("attachment:".length())).flatMap(NotebookHtml::dataAddress);
        }
        String mime = PICTURES.get(lower.substring(lower.lastIndexOf('.') + 1));
        if (mime == null || lower.contains("://")) {
            return Optional.empty();
        }
        try {
            Path picture = file.toAbsolutePath().resolveSibling(address);
            return Files.isRegularFile(picture)
                    ? Optional.of(dataAddress(mime, Base64.getEncoder().encodeToString(Files.readAllBytes(picture))))
                    : Optional.empty();
        } catch (IOException | InvalidPathException e) {
            return Optional.empty();
        }
    }

    private static Optional<String> dataAddress(JsonObject forms) {
        for (Map.Entry<String, JsonElement> form : forms.entrySet()) {
            Optional<String> base64 = JupyterJson.text(form.getValue());
            if (base64.isPresent() && PICTURES.containsValue(form.getKey())) {
                return Optional.of(dataAddress(form.getKey(), base64.get()));
            }
        }
        return Optional.empty();
    }

    private static String dataAddress(String mime, String base64) {
        return "data:%s;base64,%s".formatted(mime, base64.replaceAll("\\s", ""));
    }

    private static String style() {
        try (InputStream resource = NotebookHtml.class.getResourceAsStream("notebook.css")) {
            if (resource == null) {
                throw new IllegalStateException("notebook.css is missing from the jar. Build it again.");
            }
            return new String(resource.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new IllegalStateException("notebook.css in the jar cannot be read. Build it again.", e);
        }
    }
}
