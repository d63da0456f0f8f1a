package org.lens4j.kernel.host;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.lens4j.error.UsageException;
import org.lens4j.kernel.display.MimeBundle;
import org.lens4j.kernel.magic.Arguments;
import org.lens4j.kernel.magic.Command;
import org.lens4j.kernel.magic.Host;
import org.lens4j.kernel.magic.MagicResult;
import org.lens4j.kernel.magic.Usage;

/** {@code %classpath PATH…} and {@code %jars PATH…}: cells find what is in these folders and jars. */
final class ClassPathMagic implements Command {
    private final Usage usage;

    private ClassPathMagic(Usage usage) {
        this.usage = usage;
    }

    static ClassPathMagic classpath() {
        return new ClassPathMagic(Usage.of(
                        "classpath",
                        "PATH…",
                        "Lets cells use the classes of folders and jars. A * stands for any part of a file's name.")
                .example("%classpath build/classes \"my libs/*.jar\""));
    }

    /** IJava's word for the same. */
    static ClassPathMagic jars() {
        return new ClassPathMagic(Usage.of("jars", "PATH…", "Lets cells use the classes of jars, as %classpath does.")
                .example("%jars libs/*.jar"));
    }

    @Override
    public Usage usage() {
        return usage;
    }

    @Override
    public String java(Arguments arguments) {
        return "// %" + usage.name() + " changes the kernel; it has no Java call.";
    }

    @Override
    public MagicResult run(Arguments arguments, Host host) throws IOException {
        if (arguments.words().isEmpty()) {
            throw new UsageException("%%%s takes the paths of folders or jars, and none was given. Write %s."
                    .formatted(usage.name(), usage.example()));
        }
        List<Path> entries = new ArrayList<>();
        for (String path : arguments.texts()) {
            entries.addAll(found(path));
        }
        return added(entries, host);
    }

    /** Adds what was found, and says so. */
    static MagicResult added(List<Path> entries, Host host) {
        CellHost kernel = CellHost.of(host);
        entries.forEach(kernel::addToClassPath);
        String names =
                entries.stream().map(it -> String.valueOf(it.getFileName())).collect(Collectors.joining(", "));
        return MagicResult.of(entries, MimeBundle.text("On the class path: " + names));
    }

    private List<Path> found(String written) throws IOException {
        Path path;
        try {
            path = Path.of(written);
            if (Files.exists(path)) {
                return List.of(path.toAbsolutePath().normalize());
            }
        } catch (InvalidPathException star) {
            // Windows knows no such name, which does not keep it from being a pattern.
        }
        int slash = Math.max(written.lastIndexOf('/'), written.lastIndexOf('\\'));
        Path folder = Path.of(slash < 0 ? "" : written.substring(0, slash + 1))
                .toAbsolutePath()
                .normalize();
        String pattern = written.substring(slash + 1);
        List<Path> matching =
                Files.isDirectory(folder) && pattern.contains("*") ? matching(folder, pattern) : List.of();
        if (matching.isEmpty()) {
            throw new UsageException(
                    "%%%s found nothing called \"%s\" in %s%s. Check the path; blanks in it need quotes around it."
                            .formatted(
                                    usage.name(),
                                    pattern,
                                    folder,
                                    Files.isDirectory(folder) ? "" : ", which is no folder"));
        }
        return matching;
    }

    private static List<Path> matching(Path folder, String pattern) throws IOException {
        List<Path> matching = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, pattern)) {
            files.forEach(matching::add);
        }
        matching.sort(null);
        return matching;
    }
}
