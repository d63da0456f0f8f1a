package org.lens4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

public class MainTest {
    /** What a command printed and how it ended. */
    public record Ended(int code, String out, String err) {}

    public static Ended lens(String... words) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int code = Main.run(new PrintWriter(out, true), new PrintWriter(err, true), words);
        return new Ended(code, out.toString(), err.toString());
    }

    @Test
    void version_names_java_and_the_machine() {
        Ended ended = lens("--version");
        assertThat(ended.code()).isZero();
        assertThat(ended.out())
                .startsWith("Lens4J ")
                .contains("Java " + System.getProperty("java.version"))
                .contains(System.getProperty("os.name"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "generate demo --text a --temperature -1 | Leave out --temperature, or give 0, for the likeliest token.",
                "cache demo --text a --hooks nowhere --out x | List them with lens info MODEL --json.",
                "heads demo --tokens 5 --detect induction | or none: then random ones are read that do.",
                "heads demo --detect nothing | A notebook can draw others.",
                "neurons demo 1.3 --tokens 1;2 | Give --tokens one sequence, without a semicolon.",
                "patch demo --clean a --corrupted b --answer c --what nowhere | A notebook can patch any hook point"
            })
    void advice_is_given_in_words_of_the_command_line(String words, String advice) {
        Ended ended = lens(words.split(" "));
        assertThat(ended.code()).isEqualTo(Main.WRONG);
        assertThat(ended.err()).contains(advice).doesNotContainPattern("[a-z]\\(|%[a-z]");
    }

    @Test
    void help_lists_every_verb() {
        Ended ended = lens("--help");
        assertThat(ended.code()).isZero();
        assertThat(ended.out())
                .contains(
                        "run",
                        "lab",
                        "bench",
                        "info",
                        "cache",
                        "generate",
                        "lens",
                        "harvest",
                        "patch",
                        "dla",
                        "heads",
                        "neurons",
                        "verify",
                        "kernel",
                        "train");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "run",
                "lab",
                "bench",
                "info",
                "cache",
                "generate",
                "lens",
                "harvest",
                "patch",
                "dla",
                "heads",
                "neurons",
                "verify",
                "kernel",
                "train"
            })
    void each_verb_has_help_of_its_own(String verb) {
        Ended ended = lens(verb, "--help");
        assertThat(ended.code()).isZero();
        assertThat(ended.out()).startsWith("Usage: lens " + verb);
    }

    @Test
    void unknown_verb_names_the_closest() {
        Ended ended = lens("rum", "x.ipynb");
        assertThat(ended.code()).isEqualTo(2);
        assertThat(ended.err())
                .startsWith("Unknown verb \"rum\" in lens. Closest of ")
                .contains(": run,");
        assertThat(ended.out()).isEmpty();
    }

    @Test
    void unknown_option_names_the_closest() {
        Ended ended = lens("run", "--allow-error", "x.ipynb");
        assertThat(ended.code()).isEqualTo(2);
        assertThat(ended.err())
                .startsWith("Unknown option \"--allow-error\" in lens run. Closest of ")
                .contains(": --allow-errors,");
    }

    @Test
    void no_verb_and_no_notebook_are_said_to_be_missing() {
        assertThat(lens().code()).isEqualTo(2);
        assertThat(lens().err()).startsWith("A verb is missing.");
        assertThat(lens("run").code()).isEqualTo(2);
        assertThat(lens("run").err()).contains("'NOTEBOOK'").contains("Usage: lens run");
    }

    @Test
    void timeout_must_be_a_number_of_seconds() {
        assertThat(lens("run", "--timeout", "soon", "x.ipynb").err())
                .contains("--timeout")
                .contains("soon");
        assertThat(lens("run", "--timeout", "0", "x.ipynb"))
                .isEqualTo(new Ended(
                        2,
                        "",
                        "--timeout 0 gives a cell no time. Use a number of seconds, 1 or more."
                                + System.lineSeparator()));
    }

    @Test
    void missing_notebook_is_one_line_without_a_stack_trace(@TempDir Path folder) {
        Ended ended = lens("run", folder.resolve("no.ipynb").toString());
        assertThat(ended.code()).isEqualTo(2);
        assertThat(ended.err().lines())
                .containsExactly(
                        "There is no notebook %s. Name an existing .ipynb file.".formatted(folder.resolve("no.ipynb")));
    }

    @Test
    void notebook_in_another_language_is_refused(@TempDir Path folder) throws IOException {
        Path file = Files.writeString(
                folder.resolve("p.ipynb"),
                "{\"cells\": [], \"metadata\": {\"kernelspec\": {\"language\": \"Python\"}}, \"nbformat\": 4}");
        Ended ended = lens("run", file.toString());
        assertThat(ended.code()).isEqualTo(2);
        assertThat(ended.err()).startsWith("%s is a notebook in python; lens run runs Java notebooks.".formatted(file));
    }
}
