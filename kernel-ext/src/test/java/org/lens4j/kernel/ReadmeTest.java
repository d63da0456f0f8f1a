package org.lens4j.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.lens4j.kernel.client.CellRun;
import org.lens4j.kernel.client.KernelClient;
import org.lens4j.kernel.host.KernelMain;
import org.lens4j.kernel.host.KernelSpec;

/** What README.md shows is what happens. */
class ReadmeTest {
    private static final Path HOME = Path.of(System.getProperty("lens.home", ".."));

    private static String block(String page, String language) {
        Matcher block = Pattern.compile("(?s)```" + language + "\n(.*?)```").matcher(page);
        assertThat(block.find()).as("a block of " + language).isTrue();
        return block.group(1);
    }

    @Test
    void the_program_prints_what_the_page_says() throws IOException {
        String page = Files.readString(HOME.resolve("README.md"));
        try (KernelClient kernel = KernelClient.start(
                KernelSpec.ofThisJava(System.getProperty("java.class.path"), KernelMain.class.getName())
                        .argv())) {
            CellRun run = kernel.execute(block(page, "java"), output -> {}, Duration.ofMinutes(2));
            assertThat(run.error()).isEmpty();
            assertThat(run.printed("stdout")).isEqualTo(block(page, "text"));
        }
    }

    @Test
    void its_links_lead_somewhere() throws IOException {
        String page = Files.readString(HOME.resolve("README.md"));
        List<String> broken = Pattern.compile("\\]\\(([^)#:]+)\\)")
                .matcher(page)
                .results()
                .map(it -> it.group(1))
                .filter(it -> !Files.exists(HOME.resolve(it)))
                .toList();
        assertThat(broken).isEmpty();
    }
}
