package org.lens4j;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** ARCHITECTURE.md says what the code is. */
class ArchitecturePageTest {
    private static final Pattern ROW = Pattern.compile("(?m)^\\|[^`\\n]*`(org\\.lens4j[.\\w]*)`.*\\|([^|]*)\\|$");
    private static final Pattern NAME = Pattern.compile("`(\\w+)`");

    private static final Path HOME = Path.of(System.getProperty("lens.home", ".."));

    private static Map<String, Set<String>> rows() throws IOException {
        String page = Files.readString(HOME.resolve("lens-core/ARCHITECTURE.md"));
        Map<String, Set<String>> rows = new TreeMap<>();
        ROW.matcher(page).results().forEach(row -> rows.put(row.group(1), names(row.group(2))));
        return rows;
    }

    private static Set<String> names(String cell) {
        return NAME.matcher(cell)
                .results()
                .map((MatchResult it) -> it.group(1))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static Set<String> packages() throws IOException {
        Set<String> packages = new TreeSet<>();
        for (String module : List.of("lens-core", "kernel-ext")) {
            Path source = HOME.resolve(module).resolve("src/main/java");
            try (Stream<Path> files = Files.walk(source)) {
                files.filter(it -> it.endsWith("package-info.java"))
                        .map(it -> source.relativize(it.resolveSibling("")).toString())
                        .forEach(it -> packages.add(it.replace('/', '.').replace('\\', '.')));
            }
        }
        return packages;
    }

    @Test
    void every_package_has_a_row_and_every_row_a_package() throws IOException {
        assertThat(rows().keySet()).isEqualTo(packages());
    }

    @Test
    void every_class_named_in_a_row_exists() throws IOException {
        for (Map.Entry<String, Set<String>> row : rows().entrySet()) {
            String folder = row.getKey().replace('.', '/');
            for (String name : row.getValue()) {
                assertThat(List.of("lens-core", "kernel-ext"))
                        .as(row.getKey() + "." + name)
                        .anyMatch(module -> Files.exists(HOME.resolve(module)
                                .resolve("src/main/java")
                                .resolve(folder)
                                .resolve(name + ".java")));
            }
        }
    }
}
