package org.lens4j.kernel.host;

import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.lens4j.tensor.NativeLibrary;

/**
 * The kernel's entry in Jupyter: how to start it and how to show it in the launcher.
 *
 * <pre>{@code KernelSpec.ofThisJava(classPath, "org.lens4j.cli.Kernel").install(SpecPlace.user().kernels(Surroundings.here()));}</pre>
 *
 * @param java the Java to start, an absolute path
 * @param options the options every entry point of Lens4J starts Java with
 * @param classPath where the kernel's classes are; made absolute
 * @param mainClass the class that takes the connection file as its one argument
 */
public record KernelSpec(Path java, List<String> options, String classPath, String mainClass) {
    /** The directory under {@code kernels}, and the name in {@code jupyter --kernel}. */
    public static final String NAME = "lens4j";

    private static final String DISPLAY_NAME = "Java (Lens4J)";
    private static final List<String> FILES = List.of("kernel.json", "logo-32x32.png", "logo-64x64.png");

    public KernelSpec {
        options = List.copyOf(options);
        StringBuilder absolute = new StringBuilder();
        for (String entry : classPath.split(File.pathSeparator, -1)) {
            absolute.append(absolute.isEmpty() ? "" : File.pathSeparator).append(absolute(entry));
        }
        classPath = absolute.toString();
    }

    /** A kernel that runs on the Java this program runs on. */
    public static KernelSpec ofThisJava(String classPath, String mainClass) {
        String program = File.separatorChar == '\\' ? "java.exe" : "java";
        Path java = Path.of(System.getProperty("java.home"), "bin", program);
        return new KernelSpec(java, NativeLibrary.jvmOptions(), classPath, mainClass);
    }

    /** The command line; {@code {connection_file}} in it is filled in by who starts the kernel. */
    public List<String> argv() {
        List<String> argv = new ArrayList<>();
        argv.add(java.toAbsolutePath().toString());
        argv.addAll(options);
        argv.addAll(List.of("-cp", classPath, mainClass, "{connection_file}"));
        return List.copyOf(argv);
    }

    /** The text of kernel.json. */
    public String json() {
        JsonArray argv = new JsonArray();
        argv().forEach(argv::add);
        JsonObject metadata = new JsonObject();
        metadata.addProperty("debugger", false);
        JsonObject json = new JsonObject();
        json.add("argv", argv);
        json.addProperty("display_name", DISPLAY_NAME);
        json.addProperty("language", "java");
        json.addProperty("interrupt_mode", "message");
        JsonObject environment = new JsonObject();
        NativeLibrary.environment().forEach(environment::addProperty);
        json.add("env", environment);
        json.add("metadata", metadata);
        return new GsonBuilder()
                        .setPrettyPrinting()
                        .disableHtmlEscaping()
                        .create()
                        .toJson(json) + "\n";
    }

    /**
     * Writes the entry, over an older one.
     *
     * @param kernels the directory that holds all kernels, from {@link SpecPlace#kernels}
     * @return the kernel's own directory
     */
    public Path install(Path kernels) throws IOException {
        Path directory = Files.createDirectories(kernels.resolve(NAME));
        Files.write(directory.resolve("logo-32x32.png"), Logo.png(32));
        Files.write(directory.resolve("logo-64x64.png"), Logo.png(64));
        Files.writeString(directory.resolve("kernel.json"), json());
        return directory;
    }

    /**
     * Removes the entry and nothing else.
     *
     * @return whether there was one
     */
    public static boolean uninstall(Path kernels) throws IOException {
        Path directory = kernels.resolve(NAME);
        boolean found = false;
        for (String file : FILES) {
            found |= Files.deleteIfExists(directory.resolve(file));
        }
        if (Files.isDirectory(directory)) {
            try (Stream<Path> left = Files.list(directory)) {
                if (left.findAny().isPresent()) {
                    return found;
                }
            }
            Files.delete(directory);
        }
        return found;
    }

    /** A trailing {@code /*} is no file name everywhere, so it is kept out of the path. */
    private static String absolute(String entry) {
        boolean wildcard = entry.endsWith("/*") || entry.endsWith("\\*");
        String plain = wildcard ? entry.substring(0, entry.length() - 2) : entry;
        String path = Path.of(plain).toAbsolutePath().normalize().toString();
        return wildcard ? path + File.separator + "*" : path;
    }
}
