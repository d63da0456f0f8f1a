package org.lens4j.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.lens4j.analysis.Grid;
import org.lens4j.error.UsageException;
import org.lens4j.kernel.display.Bytes;
import org.lens4j.viz.GridFile;
import org.lens4j.viz.GridText;
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
    private static final Pattern ENDING = Pattern.compile("(.*[^/\\\\])\\.(\\p{Alpha}\\w{0,4})");
    private static final Map<String, String> WORDS =
            Map.of("json", "JSON", "csv", "CSV", "png", "a PNG picture", "html", "a page");

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
     * @throws UsageException if a file is a directory or is called another kind of file, two results share a file, or something is to be printed that only a
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
            requireEnding(place);
            for (Place other : places.subList(0, places.indexOf(place))) {
                if (other.isSame(place)) {
                    throw new UsageException("%s and %s would both be written to %s. Give each its own place."
                            .formatted(other.option, place.option, place.file));
                }
            }
        }
    }

    /** A page in a file that is called a picture opens nowhere. A name without an ending says nothing wrong. */
    private static void requireEnding(Place place) {
        Matcher named = ENDING.matcher(place.file);
        String form = place.option.substring(2);
        if (place.isPrinted()
                || !named.matches()
                || endings(form).contains(named.group(2).toLowerCase(Locale.ROOT))) {
            return;
        }
        throw new UsageException("%s %s would be %s in a file called .%s. Name it so: %s %s.%s"
                .formatted(
                        place.option, place.file, WORDS.get(form), named.group(2), place.option, named.group(1), form));
    }

    private static List<String> endings(String form) {
        return form.equals("html")
                ? List.of("html", "htm")
                : form.equals("csv") ? List.of("csv", "txt") : List.of(form);
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

    /** Whether a form of output is asked for. */
    boolean isAsked() {
        return !places().isEmpty();
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
            // Some results say them in their text.
            notes.stream().filter(it -> !shown.text().contains(it)).forEach(lens.getOut()::println);
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
            case "--json" -> bytes(told.about(grids).json() + "\n");
            case "--csv" -> bytes(told.about(grids).csv());
            case "--html" ->
                bytes(GridFile.page(grids[0].title(), shown.html().orElseThrow(() -> lacks(place, "page", grids[0]))));
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
    record Told(List<String> notes, Optional<GridText.Words> words) {
        Told {
            notes = List.copyOf(notes);
        }

        GridText about(Grid... grids) {
            return new GridText(List.of(grids), words, notes);
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
