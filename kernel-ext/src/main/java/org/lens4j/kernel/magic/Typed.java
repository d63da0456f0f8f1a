package org.lens4j.kernel.magic;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.lens4j.hub.Aliases;
import org.lens4j.hub.ModelFiles;

/**
 * A word that is being typed, and what it may become.
 *
 * @param text up to the cursor
 */
public record Typed(String text) {
    private static final int MOST_FILES = 200;
    private static final Pattern LAYER = Pattern.compile("\\.\\d+\\.");

    /** The names that begin so. */
    public List<String> among(Stream<String> names) {
        return names.filter(it -> it.startsWith(text)).distinct().toList();
    }

    /** Names that begin so or, where none does, match it as the beginning of a glob or have it in them. */
    public List<String> hooks(Collection<String> names) {
        List<String> found = among(names.stream());
        if (found.isEmpty() && text.contains("*")) {
            found = among(names.stream().map(it -> LAYER.matcher(it).replaceFirst(".*.")));
        }
        if (found.isEmpty() && !text.isEmpty()) {
            String within = Stream.of(text.split("\\*", -1)).map(Pattern::quote).collect(Collectors.joining(".*"));
            Pattern pattern = Pattern.compile(text.contains("*") ? within + ".*" : ".*" + within + ".*");
            found = names.stream().filter(it -> pattern.matcher(it).matches()).toList();
        }
        return found;
    }

    /** Names of models and, for what looks like a path, folders. */
    public List<String> models() {
        List<String> named = among(Stream.concat(Stream.of(ModelFiles.DEMO), Aliases.read().names().stream()));
        boolean path = text.startsWith(".") || text.contains("/");
        return path ? Stream.concat(named.stream(), files().stream()).toList() : named;
    }

    /** Files and folders, a folder with the stroke that leads into it; hidden ones where a dot is typed. */
    public List<String> files() {
        String folder = text.substring(0, text.lastIndexOf('/') + 1);
        String name = text.substring(folder.length());
        try (Stream<Path> all = Files.list(Path.of(folder.isEmpty() ? "." : folder))) {
            return all.filter(it -> begins(it, name))
                    .limit(MOST_FILES)
                    .map(it -> folder + it.getFileName() + (Files.isDirectory(it) ? "/" : ""))
                    .filter(it -> it.indexOf(' ') < 0)
                    .sorted()
                    .toList();
        } catch (IOException | InvalidPathException notThere) {
            return List.of();
        }
    }

    private static boolean begins(Path file, String name) {
        String found = String.valueOf(file.getFileName());
        return found.startsWith(name) && (!found.startsWith(".") || name.startsWith("."));
    }
}
