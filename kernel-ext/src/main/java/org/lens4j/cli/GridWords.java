package org.lens4j.cli;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.lens4j.analysis.Axis;
import org.lens4j.analysis.Grid;
import org.lens4j.error.UsageException;
import org.lens4j.kernel.display.Bytes;
import org.lens4j.viz.GridView;
import org.lens4j.viz.Rendering;
import picocli.CommandLine;
import picocli.CommandLine.Option;

/**
 * Where the result of an analysis goes: files of four kinds, standard output for two of them, and a table of text if none is
 * asked for. What every verb that ends in a {@link Grid} has in common.
 *
 * <pre>{@code
 * @Mixin
 * private GridWords output = new GridWords();
 *
 * output.check();                              // before a model is loaded
 * output.write(spec.commandLine(), grid);      // at the end
 * }</pre>
 */
final class GridWords {
    private static final String STANDARD_OUTPUT = "-";
    private static final Gson JSON =
            new GsonBuilder().disableHtmlEscaping().serializeNulls().create();

    @Option(
            names = "--json",
            paramLabel = "FILE|-",
            description = "Write axes, labels and numbers as JSON; - is standard output.")
    private Optional<String> json = Optional.empty();

    @Option(
            names = "--csv",
            paramLabel = "FILE|-",
            description = "Write one line for each number, its labels before it; - is standard output.")
    private Optional<String> csv = Optional.empty();

    @Option(names = "--png", paramLabel = "FILE", description = "Write a picture.")
    private Optional<String> png = Optional.empty();

    @Option(names = "--html", paramLabel = "FILE", description = "Write a page that needs nothing from the network.")
    private Optional<String> html = Optional.empty();

    GridWords() {}

    /**
     * Looks before a model is loaded.
     *
     * @throws UsageException if a file is a directory, two results share a file, or something is to be printed that only a
     *     file can hold
     */
    void check() {
        List<Place> places = places();
        for (Place place : places) {
            if (place.isPrinted() && (place.option.equals("--png") || place.option.equals("--html"))) {
                throw new UsageException("%s - would print what a terminal cannot show. Name a file: %s result.%s"
                        .formatted(place.option, place.option, place.option.substring(2)));
            }
            if (!place.isPrinted() && Files.isDirectory(place.path())) {
                throw new UsageException("%s %s is a directory. Name a file in it: %s %s"
                        .formatted(
                                place.option,
                                place.file,
                                place.option,
                                place.path().resolve("result." + place.option.substring(2))));
            }
            for (Place other : places.subList(0, places.indexOf(place))) {
                if (other.isSame(place)) {
                    throw new UsageException("%s and %s would both be written to %s. Give each its own place."
                            .formatted(other.option, place.option, place.file));
                }
            }
        }
    }

    /**
     * {@link #check()}, and that no file of the model would be written over.
     *
     * @throws UsageException if one would be
     */
    void check(ModelWords model) {
        check();
        places().stream().filter(it -> !it.isPrinted()).forEach(it -> model.requireOutside(it.option, it.path()));
    }

    /** The files that will be written. */
    List<Path> files() {
        return places().stream().filter(it -> !it.isPrinted()).map(Place::path).toList();
    }

    /**
     * Writes or prints a grid as {@link GridView} shows it.
     *
     * @param lens the verb's command line
     * @param notes what the reader should know, one sentence each
     */
    void write(CommandLine lens, Grid grid, String... notes) {
        write(lens, GridView.of(grid), List.of(notes), grid);
    }

    /**
     * Writes or prints a result of several numbers at each place.
     *
     * @param lens the verb's command line
     * @param shown its text, picture and HTML
     * @param notes what the reader should know, one sentence each
     * @param grids with the same axes: one column of the CSV each, headed by the title if there are several
     * @throws UsageException if a picture or page is asked for that this result does not have
     */
    void write(CommandLine lens, Rendering shown, List<String> notes, Grid... grids) {
        write(lens, shown, new Told(notes, Optional.empty()), grids);
    }

    /**
     * Writes or prints a result of words and numbers at each place.
     *
     * @param told what the reader should know, and the words
     * @see #write(CommandLine, Rendering, List, Grid...)
     */
    void write(CommandLine lens, Rendering shown, Told told, Grid... grids) {
        List<String> notes = told.notes;
        if (places().isEmpty()) {
            lens.getOut().println(shown.text());
            notes.forEach(lens.getOut()::println);
            return;
        }
        // What is printed is to be read by a program, so the words about it go elsewhere.
        PrintWriter words = places().stream().anyMatch(Place::isPrinted) ? lens.getErr() : lens.getOut();
        notes.forEach(words::println);
        for (Place place : places()) {
            byte[] content = content(place, shown, told, grids);
            if (place.isPrinted()) {
                lens.getOut().print(new String(content, StandardCharsets.UTF_8));
                lens.getOut().flush();
            } else {
                save(place, content);
                words.printf("%s: %s%n", place.file, Bytes.readable(content.length));
            }
        }
    }

    private static byte[] content(Place place, Rendering shown, Told told, Grid... grids) {
        return switch (place.option) {
            case "--json" -> bytes(JSON.toJson(json(told, grids)) + "\n");
            case "--csv" -> bytes(csv(told.words, grids));
            case "--html" ->
                bytes(page(grids[0].title(), shown.html().orElseThrow(() -> lacks(place, "page", grids[0]))));
            default -> shown.png().orElseThrow(() -> lacks(place, "picture", grids[0]));
        };
    }

    private static UsageException lacks(Place place, String form, Grid grid) {
        return new UsageException(
                "%s: there is no %s of %s. Take --csv or --json.".formatted(place.option, form, grid));
    }

    private static void save(Place place, byte[] content) {
        try {
            Files.createDirectories(
                    Optional.ofNullable(place.path().toAbsolutePath().getParent())
                            .orElse(place.path()));
            Files.write(place.path(), content);
        } catch (IOException e) {
            throw new WriteException(place.path(), place.option, e);
        }
    }

    /** One grid as an object; several, or one and words, as the list {@code results}. */
    static JsonObject json(Told told, Grid... grids) {
        List<JsonObject> results = new ArrayList<>();
        for (Grid grid : grids) {
            results.add(one(grid.title(), grid.unit(), grid.axes(), i -> number(grid.values()[i])));
        }
        told.words.ifPresent(words ->
                results.add(one(words.title, "text", grids[0].axes(), i -> new JsonPrimitive(words.each.get(i)))));
        JsonObject object = results.get(0);
        if (results.size() > 1) {
            JsonArray list = new JsonArray();
            results.forEach(list::add);
            object = new JsonObject();
            object.add("results", list);
        }
        JsonArray said = new JsonArray();
        told.notes.forEach(said::add);
        object.add("notes", said);
        return object;
    }

    private static JsonObject one(String title, String unit, List<Axis> of, IntFunction<JsonElement> value) {
        JsonObject object = new JsonObject();
        object.addProperty("title", title);
        object.addProperty("unit", unit);
        JsonArray axes = new JsonArray();
        for (Axis axis : of) {
            JsonObject one = new JsonObject();
            one.addProperty("name", axis.name());
            JsonArray labels = new JsonArray();
            axis.labels().forEach(labels::add);
            one.add("labels", labels);
            axes.add(one);
        }
        object.add("axes", axes);
        object.add("values", nested(value, of, 0));
        return object;
    }

    /** JSON has neither NaN, here null, nor infinities, here text. */
    private static JsonElement number(float value) {
        return Float.isNaN(value)
                ? JsonNull.INSTANCE
                : Float.isInfinite(value) ? new JsonPrimitive(Float.toString(value)) : new JsonPrimitive(value);
    }

    /** Lists in lists, as deep as there are axes. */
    private static JsonElement nested(IntFunction<JsonElement> values, List<Axis> axes, int first) {
        if (axes.isEmpty()) {
            return values.apply(first);
        }
        List<Axis> inner = axes.subList(1, axes.size());
        int step = inner.stream().mapToInt(Axis::size).reduce(1, Math::multiplyExact);
        JsonArray array = new JsonArray();
        for (int i = 0; i < axes.get(0).size(); i++) {
            array.add(nested(values, inner, first + i * step));
        }
        return array;
    }

    /** A line for each number, the labels of its place before it; NaN is an empty field. */
    static String csv(Optional<Words> words, Grid... grids) {
        List<Axis> axes = grids[0].axes();
        StringBuilder out = new StringBuilder();
        Stream<String> values = grids.length == 1 && words.isEmpty()
                ? Stream.of("value")
                : Stream.concat(
                        Arrays.stream(grids).map(Grid::title), words.stream().map(Words::title));
        out.append(line(Stream.concat(axes.stream().map(Axis::name), values)));
        List<float[]> columns = Arrays.stream(grids).map(Grid::values).toList();
        for (int flat = 0; flat < columns.get(0).length; flat++) {
            List<String> fields = new ArrayList<>();
            int inner = columns.get(0).length;
            for (Axis axis : axes) {
                inner /= axis.size();
                fields.add(axis.labels().get(flat / inner % axis.size()));
            }
            for (float[] column : columns) {
                fields.add(Float.isNaN(column[flat]) ? "" : Float.toString(column[flat]));
            }
            int place = flat;
            words.ifPresent(it -> fields.add(it.each.get(place)));
            out.append(line(fields.stream()));
        }
        return out.toString();
    }

    private static String line(Stream<String> fields) {
        return fields.map(GridWords::quoted).collect(Collectors.joining(",", "", "\n"));
    }

    private static String quoted(String field) {
        boolean plain = field.chars().noneMatch(it -> it == ',' || it == '"' || it == '\n' || it == '\r')
                && field.equals(field.strip());
        return plain ? field : "\"" + field.replace("\"", "\"\"") + "\"";
    }

    private static String page(String title, String fragment) {
        String escaped = title.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
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
                """.formatted(escaped, fragment);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private List<Place> places() {
        List<Place> places = new ArrayList<>();
        json.ifPresent(it -> places.add(new Place("--json", it)));
        csv.ifPresent(it -> places.add(new Place("--csv", it)));
        png.ifPresent(it -> places.add(new Place("--png", it)));
        html.ifPresent(it -> places.add(new Place("--html", it)));
        return places;
    }

    /**
     * What goes with the numbers of a result.
     *
     * @param notes what the reader should know, one sentence each
     * @param words a word at each place of the numbers
     */
    record Told(List<String> notes, Optional<Words> words) {
        Told {
            notes = List.copyOf(notes);
        }
    }

    /**
     * A word at each place of a grid.
     *
     * @param title heads its column
     * @param each row-major, as the grid's numbers
     */
    record Words(String title, List<String> each) {
        Words {
            each = List.copyOf(each);
        }
    }

    /** Where one form of the result goes. */
    private record Place(String option, String file) {
        boolean isPrinted() {
            return file.equals(STANDARD_OUTPUT);
        }

        Path path() {
            return Path.of(file);
        }

        boolean isSame(Place other) {
            return path().toAbsolutePath()
                    .normalize()
                    .equals(other.path().toAbsolutePath().normalize());
        }
    }
}
