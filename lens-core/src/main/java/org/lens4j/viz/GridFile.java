package org.lens4j.viz;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.lens4j.analysis.Grid;
import org.lens4j.error.UsageException;
import tech.tablesaw.api.Table;

/**
 * Results in files, in the form the file's name ends with: {@code .csv} and {@code .json} for other programs, {@code .png},
 * {@code .html} and {@code .txt} for readers.
 *
 * <pre>{@code GridFile.write(grid, Path.of("heads.csv"));}</pre>
 */
public final class GridFile {
    private static final List<String> DATA = List.of("csv", "json");
    private static final List<String> SHOWN = List.of("png", "html", "txt");

    private GridFile() {}

    /**
     * Writes a grid; its pictures and text are those of {@link GridView}.
     *
     * @param file its folder is made if it is missing, and a file of that name is replaced
     * @return the file
     * @throws UsageException if its name says no form
     */
    public static Path write(Grid grid, Path file) throws IOException {
        String form = form(file);
        if (!DATA.contains(form)) {
            return write(GridView.of(grid), grid.title(), file);
        }
        GridText text = GridText.of(grid);
        return save(file, form.equals("csv") ? text.csv() : text.json() + "\n");
    }

    /**
     * Writes a table: the columns' names and a line for each row, or a list of objects.
     *
     * @param file its folder is made if it is missing, and a file of that name is replaced
     * @return the file
     * @throws UsageException if its name says no form, or one this does not have
     */
    public static Path write(Table table, Path file) throws IOException {
        return switch (form(file)) {
            case "csv" -> save(file, TableText.csv(table));
            case "json" -> save(file, TableText.json(table) + "\n");
            default -> write(TableView.of(table), table.name(), file);
        };
    }

    /**
     * Writes a picture with its page and text.
     *
     * @param title of the page
     * @param file its folder is made if it is missing, and a file of that name is replaced
     * @return the file
     * @throws UsageException if its name says no form, or one this does not have
     */
    public static Path write(Rendering shown, String title, Path file) throws IOException {
        String form = form(file);
        return switch (form) {
            case "png" -> save(file, shown.png().orElseThrow(() -> lacks(file, form)));
            case "html" -> save(file, page(title, shown.html().orElseThrow(() -> lacks(file, form))));
            case "txt" -> save(file, shown.text() + "\n");
            default -> throw lacks(file, form);
        };
    }

    /**
     * Whether a file's name says that it is for other programs.
     *
     * @throws UsageException if its name says no form
     */
    public static boolean holdsData(Path file) {
        return DATA.contains(form(file));
    }

    private static String form(Path file) {
        String name = String.valueOf(file.getFileName()).toLowerCase(Locale.ROOT);
        String form = name.substring(name.lastIndexOf('.') + 1);
        if (!DATA.contains(form) && !SHOWN.contains(form)) {
            throw new UsageException(
                    "%s does not say what to write. Let its name end in .csv or .json for numbers, .png, .html or .txt for readers."
                            .formatted(file));
        }
        return form;
    }

    private static UsageException lacks(Path file, String form) {
        return new UsageException(
                "%s: this result has no %s. Its text goes into a .txt file; numbers of a grid, into a .csv or .json file."
                        .formatted(file, form));
    }

    /** A page that needs nothing from the network, around a piece of HTML. */
    public static String page(String title, String fragment) {
        return """
                <!DOCTYPE html>
                <html lang="en">
                <head>
                <meta charset="utf-8">
                <meta name="viewport" content="width=device-width, initial-scale=1">
                <meta name="color-scheme" content="light dark">
                <title>%s</title>
                </head>
                <body style="font-family:sans-serif;margin:1.5em">
                %s
                </body>
                </html>
                """.formatted(TokenText.html(title), fragment);
    }

    private static Path save(Path file, String text) throws IOException {
        return save(file, text.getBytes(StandardCharsets.UTF_8));
    }

    private static Path save(Path file, byte[] content) throws IOException {
        Optional<Path> folder = Optional.ofNullable(file.toAbsolutePath().getParent());
        if (folder.isPresent()) {
            Files.createDirectories(folder.get());
        }
        return Files.write(file, content);
    }
}
