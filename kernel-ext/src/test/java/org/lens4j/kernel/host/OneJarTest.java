package org.lens4j.kernel.host;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What is in the one jar for other kernels, where it was built: {@code mvn -Pjar package}. */
class OneJarTest {
    private static final Path JAR =
            Path.of(System.getProperty("lens.home", ".."), "target").resolve("lens4j.jar");

    @BeforeAll
    static void isThere() {
        assumeThat(JAR).as("the one jar, which mvn -Pjar package makes").exists();
    }

    private static List<String> names() throws IOException {
        try (ZipFile jar = new ZipFile(JAR.toFile())) {
            return jar.stream().map(ZipEntry::getName).toList();
        }
    }

    @Test
    void it_holds_the_library_the_adapters_and_the_embedded_model() throws IOException {
        assertThat(names())
                .contains(
                        "org/lens4j/Lens.class",
                        "org/lens4j/kernel/host/LensExtension.class",
                        "org/lens4j/kernel/host/ijava/IJavaKernel.class",
                        "org/lens4j/kernel/host/jjava/JJavaExtension.class",
                        "org/lens4j/jvm.options")
                .anyMatch(it -> it.startsWith("org/lens4j/models/"))
                .anyMatch(it -> it.startsWith("pytorch/cpu/"));
    }

    @Test
    void it_holds_nothing_that_its_kernels_bring_under_the_same_name() throws IOException {
        assertThat(names())
                .noneMatch(it -> it.startsWith("com/google/gson/"))
                .noneMatch(it -> it.startsWith("io/github/spencerpark/"))
                .noneMatch(it -> it.startsWith("org/dflib/"))
                .noneMatch(it -> it.startsWith("org/zeromq/"))
                .contains("org/lens4j/shaded/gson/Gson.class");
    }

    @Test
    void jjava_and_djl_find_what_they_look_for() throws IOException {
        try (ZipFile jar = new ZipFile(JAR.toFile())) {
            assertThat(text(jar, "META-INF/services/org.dflib.jjava.jupyter.Extension"))
                    .contains("org.lens4j.kernel.host.jjava.JJavaExtension");
            assertThat(text(jar, "META-INF/services/ai.djl.engine.EngineProvider"))
                    .contains("ai.djl.pytorch.engine.PtEngineProvider");
        }
    }

    private static String text(ZipFile jar, String name) throws IOException {
        try (var in = jar.getInputStream(jar.getEntry(name))) {
            return new String(in.readAllBytes(), UTF_8);
        }
    }
}
