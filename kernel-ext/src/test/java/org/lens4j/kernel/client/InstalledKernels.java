package org.lens4j.kernel.client;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.lens4j.kernel.host.SpecPlace;
import org.lens4j.kernel.host.Surroundings;

/** The kernels this machine's Jupyter knows. */
final class InstalledKernels {
    private InstalledKernels() {}

    /** How a kernel is started. */
    record Spec(List<String> command, Map<String, String> environment) {}

    /** The first whose command line names this word. */
    static Optional<Spec> find(String word) throws IOException {
        for (Path kernels : places()) {
            for (Path directory : children(kernels)) {
                Path file = directory.resolve("kernel.json");
                if (Files.isRegularFile(file)) {
                    Spec spec = read(directory, file);
                    if (String.join(" ", spec.command())
                            .toLowerCase(Locale.ROOT)
                            .contains(word)) {
                        return Optional.of(spec);
                    }
                }
            }
        }
        return Optional.empty();
    }

    private static List<Path> places() {
        List<Path> places = new ArrayList<>();
        Optional.ofNullable(System.getenv("JUPYTER_PATH")).stream()
                .flatMap(path -> Stream.of(path.split(File.pathSeparator)))
                .map(it -> Path.of(it, "kernels"))
                .forEach(places::add);
        places.add(SpecPlace.user().kernels(Surroundings.here()));
        places.add(Path.of("/usr/local/share/jupyter/kernels"));
        places.add(Path.of("/usr/share/jupyter/kernels"));
        return places;
    }

    private static List<Path> children(Path directory) throws IOException {
        if (!Files.isDirectory(directory)) {
            return List.of();
        }
        try (Stream<Path> children = Files.list(directory)) {
            return children.sorted().toList();
        }
    }

    private static Spec read(Path directory, Path file) throws IOException {
        JsonObject spec = JsonParser.parseString(Files.readString(file)).getAsJsonObject();
        List<String> command = new ArrayList<>();
        for (JsonElement word : spec.getAsJsonArray("argv")) {
            command.add(word.getAsString().replace("{resource_dir}", directory.toString()));
        }
        Map<String, String> environment = new LinkedHashMap<>();
        if (spec.has("env")) {
            spec.getAsJsonObject("env")
                    .entrySet()
                    .forEach(it -> environment.put(it.getKey(), it.getValue().getAsString()));
        }
        return new Spec(command, environment);
    }
}
