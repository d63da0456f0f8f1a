package org.lens4j.kernel.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Modifier;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import javax.tools.JavaFileManager;
import javax.tools.JavaFileObject.Kind;
import javax.tools.StandardLocation;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;

class LensStartupTest {
    private static final List<String> IMPORTS = LensStartup.create().imports();

    /** One for all tests: a new one reads the index of every jar again. */
    private static final JavaFileManager FILES =
            ToolProvider.getSystemJavaCompiler().getStandardFileManager(null, null, null);

    /** The packages whose classes a cell may name, Java's own among them. */
    private static Set<String> packages() {
        return Stream.concat(
                        Stream.of("java.lang"),
                        IMPORTS.stream().filter(it -> it.endsWith(".*")).map(it -> it.substring(0, it.length() - 2)))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /** The public classes of a package of the class path, by their simple names. */
    private static Set<String> classesOf(String named) {
        try {
            return StreamSupport.stream(
                            FILES.list(StandardLocation.CLASS_PATH, named, Set.of(Kind.CLASS), false)
                                    .spliterator(),
                            false)
                    .map(it -> FILES.inferBinaryName(StandardLocation.CLASS_PATH, it))
                    .filter(it -> !it.contains("$") && isPublic(it))
                    .map(it -> it.substring(named.length() + 1))
                    .collect(Collectors.toCollection(TreeSet::new));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static boolean isPublic(String name) {
        try {
            return Modifier.isPublic(Class.forName(name, false, LensStartupTest.class.getClassLoader())
                    .getModifiers());
        } catch (ClassNotFoundException e) {
            return false;
        }
    }

    @Test
    void no_name_means_two_things_in_a_cell() {
        Map<String, Set<String>> ambiguous = new TreeMap<>();
        for (String named : packages()) {
            for (String name : classesOf(named)) {
                ambiguous.computeIfAbsent(name, it -> javasOwn(it)).add(named);
            }
        }
        // A class that is imported by itself hides those of its name in packages.
        IMPORTS.forEach(it -> ambiguous.remove(it.substring(it.lastIndexOf('.') + 1)));
        ambiguous.values().removeIf(it -> it.size() == 1);
        assertThat(ambiguous).isEmpty();
    }

    /** Packages of Java's that have a class of that name. */
    private static Set<String> javasOwn(String name) {
        return packages().stream()
                .filter(it -> it.startsWith("java.") && isPublic(it + "." + name))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    @Test
    void every_package_that_is_imported_has_classes() {
        assertThat(packages())
                .filteredOn(it -> !it.startsWith("java."))
                .allSatisfy(it -> assertThat(classesOf(it)).as(it).isNotEmpty());
        assertThat(IMPORTS).filteredOn(it -> !it.endsWith(".*")).isNotEmpty().allMatch(LensStartupTest::isPublic);
    }
}
