package org.lens4j.kernel.notebook;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * A Jupyter notebook of nbformat 4. What is read and written unchanged stays the same to the last byte, if Jupyter wrote
 * it; fields and metadata this library knows nothing of are kept.
 *
 * <pre>{@code
 * Notebook notebook = Notebook.read(Path.of("notebooks/01-first-look.ipynb"));
 * notebook.cells().stream().filter(cell -> cell.kind() == Cell.Kind.CODE).count();
 * notebook.write(Path.of("copy.ipynb"));
 * }</pre>
 */
public final class Notebook {
    private static final int FORMAT = 4;

    private final JsonObject envelope;
    private final List<Cell> cells;

    private Notebook(JsonObject envelope, List<Cell> cells) {
        this.envelope = envelope;
        this.cells = List.copyOf(cells);
    }

    /**
     * Reads a notebook file.
     *
     * @param file an {@code .ipynb}
     * @throws NotebookException if there is no such file, or it is not a notebook of nbformat 4
     */
    public static Notebook read(Path file) {
        if (Files.isDirectory(file)) {
            throw new NotebookException("%s is a folder, not a notebook. Name an .ipynb file in it.".formatted(file));
        }
        if (!Files.exists(file)) {
            throw new NotebookException("There is no notebook %s.%s Name an existing .ipynb file."
                    .formatted(file, NotebookFolder.of(file).sentence()));
        }
        try {
            return parse(Files.readString(file), file.toString());
        } catch (CharacterCodingException e) {
            throw new NotebookException(
                    "%s is not UTF-8 text, as a notebook is. Name an .ipynb file.".formatted(file), e);
        } catch (IOException e) {
            throw new NotebookException("%s cannot be read: %s".formatted(file, e), e);
        }
    }

    /**
     * Reads a notebook from its text.
     *
     * @param json the content of an {@code .ipynb} file
     * @param name what to call it in messages
     * @throws NotebookException if it is not a notebook of nbformat 4
     */
    public static Notebook parse(String json, String name) {
        JsonElement parsed;
        try {
            parsed = JupyterJson.parse(json);
        } catch (IOException | JsonParseException e) {
            throw new NotebookException(
                    "%s is not JSON, as a notebook is: %s. Name an .ipynb file, or restore this one from a backup."
                            .formatted(name, firstLine(e)),
                    e);
        }
        if (!(parsed instanceof JsonObject envelope) || !envelope.has("nbformat")) {
            throw new NotebookException(
                    "%s is JSON, but not a notebook: a notebook is an object with \"nbformat\" and \"cells\"."
                            .formatted(name));
        }
        String format = envelope.get("nbformat").toString();
        if (!format.equals(String.valueOf(FORMAT))) {
            throw new NotebookException(
                    "%s is in notebook format %s. Lens4J reads format 4, which Jupyter writes since 2015; convert it with: jupyter nbconvert --to notebook --nbformat 4 %s"
                            .formatted(name, format, name));
        }
        if (!(envelope.get("cells") instanceof JsonArray array)) {
            throw new NotebookException(
                    "%s says it is a notebook of format 4, but has no list \"cells\".".formatted(name));
        }
        List<Cell> cells = new ArrayList<>();
        for (JsonElement cell : array) {
            cells.add(Cell.of(cell, "Cell %d of %s".formatted(cells.size() + 1, name)));
        }
        JsonObject rest = envelope.deepCopy();
        rest.remove("cells");
        return new Notebook(rest, cells);
    }

    /** The cells, in order. */
    public List<Cell> cells() {
        return cells;
    }

    /**
     * The programming language the notebook says it is written in.
     *
     * @return for example {@code "java"}, in lower case; empty if the notebook does not say
     */
    public Optional<String> language() {
        return metadata("language_info", "name")
                .or(() -> metadata("kernelspec", "language"))
                .map(language -> language.toLowerCase(Locale.ROOT));
    }

    /**
     * The notebook's title: what its metadata says, or else its first heading.
     *
     * @return the title as plain text; empty if there is neither
     */
    public Optional<String> title() {
        Optional<String> given = envelope.get("metadata") instanceof JsonObject metadata
                ? JupyterJson.text(JupyterJson.member(metadata, "title"))
                : Optional.empty();
        return given.or(() -> cells.stream()
                .filter(cell -> cell.kind() == Cell.Kind.MARKDOWN)
                .flatMap(cell -> Markdown.firstHeading(cell.source()).stream())
                .findFirst());
    }

    private Optional<String> metadata(String group, String key) {
        return envelope.get("metadata") instanceof JsonObject metadata
                        && metadata.get(group) instanceof JsonObject object
                ? JupyterJson.text(JupyterJson.member(object, key))
                : Optional.empty();
    }

    /**
     * This notebook with the language its kernel speaks noted, as Jupyter does when it runs one.
     *
     * @param kernelInfo the content of the kernel's {@code kernel_info_reply}
     */
    public Notebook withLanguageInfo(JsonObject kernelInfo) {
        if (!(kernelInfo.get("language_info") instanceof JsonObject language)) {
            return this;
        }
        JsonObject copy = envelope.deepCopy();
        JsonObject metadata = copy.get("metadata") instanceof JsonObject present ? present : new JsonObject();
        metadata.add("language_info", language.deepCopy());
        copy.add("metadata", metadata);
        return new Notebook(copy, cells);
    }

    /** This notebook with other cells; all else as it is. */
    Notebook withCells(List<Cell> replacement) {
        return new Notebook(envelope, replacement);
    }

    /** The text of the {@code .ipynb} file. */
    public String toJson() {
        JsonObject json = envelope.deepCopy();
        JsonArray array = new JsonArray();
        cells.forEach(cell -> array.add(cell.toJson()));
        json.add("cells", array);
        return JupyterJson.write(json);
    }

    /**
     * Writes the notebook, all of it or nothing.
     *
     * @param file where to; folders that are missing are made, an existing file is replaced
     * @throws NotebookException if the place cannot be written
     */
    public void write(Path file) {
        writeText(file, toJson());
    }

    /** Writes a text beside its place first, then moves it there, so that nobody meets half a file. */
    static void writeText(Path file, String text) {
        Path target = file.toAbsolutePath();
        try {
            Path folder = target.getParent();
            if (folder == null) {
                throw new IOException("it is not a file");
            }
            Files.createDirectories(folder);
            Path part = folder.resolve(".%s.%d.part"
                    .formatted(target.getFileName(), ProcessHandle.current().pid()));
            try {
                Files.writeString(part, text);
                Files.move(part, target, StandardCopyOption.REPLACE_EXISTING);
            } finally {
                Files.deleteIfExists(part);
            }
        } catch (IOException e) {
            throw new NotebookException(
                    "Cannot write %s: %s. Name a folder you may write to with --out.".formatted(target, e), e);
        }
    }

    private static String firstLine(Exception e) {
        String message = String.valueOf(e.getMessage());
        return message.lines().findFirst().orElse(message).replaceAll("^\\S*Exception: ", "");
    }
}
