package org.lens4j.kernel.host;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.lens4j.error.UsageException;

/**
 * Asks the machine's own Maven which jars some libraries need. It knows the user's repositories, mirrors and passwords, and
 * building Lens4J needs it anyway.
 *
 * @param program the command that runs Maven
 */
record MavenRun(List<String> program) {
    /** The version the build uses, so that it is on the machine already. */
    private static final String GOAL = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:build-classpath";

    private static final String FOUND = "class-path.txt";

    /** Copies the command. */
    MavenRun {
        program = List.copyOf(program);
    }

    /** The {@code mvn} on the PATH. */
    static MavenRun onPath() {
        boolean windows = System.getProperty("os.name").toLowerCase(Locale.ROOT).startsWith("windows");
        return new MavenRun(List.of(windows ? "mvn.cmd" : "mvn"));
    }

    /**
     * The jars of some libraries and of what they need. Waits for Maven, which an interrupt ends.
     *
     * @param libraries as {@code GROUP:ARTIFACT[:PACKAGING[:CLASSIFIER]]:VERSION}
     * @param repositories where to look besides Maven's own
     * @throws UsageException if Maven is not there, or does not find one of them; says what Maven said
     */
    List<Path> classPath(List<String> libraries, List<String> repositories) throws IOException, InterruptedException {
        Path folder = Files.createTempDirectory("lens4j-maven");
        try {
            Files.writeString(folder.resolve("pom.xml"), project(libraries, repositories));
            String said = run(folder);
            Path found = folder.resolve(FOUND);
            if (!Files.exists(found)) {
                throw new UsageException("%%maven did not get %s. Maven says:%n%s"
                        .formatted(String.join(", ", libraries), errors(said)));
            }
            return Stream.of(Files.readString(found).strip().split(File.pathSeparator))
                    .filter(it -> !it.isEmpty())
                    .map(Path::of)
                    .toList();
        } finally {
            delete(folder);
        }
    }

    private String run(Path folder) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(program);
        command.addAll(List.of(
                "-B",
                "-q",
                "-Dstyle.color=never",
                "-f",
                folder.resolve("pom.xml").toString(),
                GOAL));
        command.add("-Dmdep.outputFile=" + folder.resolve(FOUND));
        command.add("-DincludeScope=runtime");
        Path said = folder.resolve("said.txt");
        Process process;
        try {
            process = new ProcessBuilder(command)
                    .directory(folder.toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(said.toFile())
                    .start();
        } catch (IOException e) {
            throw new UsageException(
                    "%%maven runs Maven, and \"%s\" does not start: %s. Install Maven 3.8 or newer (Debian and Ubuntu: apt-get install maven; macOS: brew install maven), or give the jars to %%jars."
                            .formatted(program.get(0), e.getMessage()));
        }
        try {
            process.waitFor();
        } finally {
            process.descendants().forEach(ProcessHandle::destroy);
            process.destroy();
        }
        return Files.readString(said);
    }

    /** Maven's own lines; where there are none, all it said. */
    private static String errors(String said) {
        List<String> lines = said.lines()
                .filter(it -> it.startsWith("[ERROR]") && !it.contains("[Help") && !it.contains("re-run Maven"))
                .map(it -> it.substring("[ERROR]".length()).strip())
                .filter(it -> !it.isEmpty())
                .limit(3)
                .toList();
        return lines.isEmpty() ? said.strip() : String.join("\n", lines);
    }

    private static String project(List<String> libraries, List<String> repositories) {
        StringBuilder pom = new StringBuilder(
                "<project><modelVersion>4.0.0</modelVersion><groupId>cell</groupId><artifactId>cell</artifactId><version>1</version><packaging>pom</packaging>");
        pom.append("<repositories>");
        for (int i = 0; i < repositories.size(); i++) {
            pom.append("<repository><id>cell-%d</id><url>%s</url></repository>"
                    .formatted(i, escaped(repositories.get(i))));
        }
        pom.append("</repositories><dependencies>");
        libraries.forEach(it -> pom.append(dependency(it.split(":"))));
        return pom.append("</dependencies></project>").toString();
    }

    private static String dependency(String[] parts) {
        int last = parts.length - 1;
        String packaging = parts.length > 3 ? "<type>%s</type>".formatted(parts[2]) : "";
        String classifier = parts.length > 4 ? "<classifier>%s</classifier>".formatted(parts[3]) : "";
        return "<dependency><groupId>%s</groupId><artifactId>%s</artifactId><version>%s</version>%s%s</dependency>"
                .formatted(parts[0], parts[1], parts[last], packaging, classifier);
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;");
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
