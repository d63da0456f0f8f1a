package org.lens4j.kernel.client;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What a client asks while its user types. */
class AssistanceOverTheWireTest {
    private static KernelClient kernel;

    @BeforeAll
    static void start() throws IOException {
        kernel = TestKernels.start();
    }

    @AfterAll
    static void stop() {
        kernel.close();
    }

    private static KernelClient.Completions complete(String code) {
        return kernel.complete(code, code.codePointCount(0, code.length()));
    }

    @Test
    void completes_java_after_what_was_run() {
        TestKernels.run(kernel, "var wordList = new ArrayList<String>();");
        assertThat(complete("wordLi")).isEqualTo(new KernelClient.Completions(java.util.List.of("wordList"), 0, 6));
        assertThat(complete("wordList.isEm").matches()).containsExactly("isEmpty()");
    }

    @Test
    void completes_java_after_what_stands_above_in_the_same_cell() {
        String code = "int a = 1;\nvar map = new HashMap<String, Integer>();\nmap.putIf";
        assertThat(complete(code))
                .isEqualTo(new KernelClient.Completions(
                        java.util.List.of("putIfAbsent("), code.length() - 5, code.length()));
    }

    @Test
    void positions_count_characters_not_utf16_units() {
        String code = "String s = \"𝄞𝄞\"; s.lengt";
        KernelClient.Completions completions = complete(code);
        assertThat(completions.matches()).containsExactly("length()");
        assertThat(completions.start()).isEqualTo(code.codePointCount(0, code.length()) - 5);
    }

    @Test
    void completes_magics_and_their_arguments() {
        assertThat(complete("%ec")).isEqualTo(new KernelClient.Completions(java.util.List.of("echo"), 1, 3));
        assertThat(complete("int a = 1;\nvar x = %num").matches()).containsExactly("numbers");
        assertThat(complete("%echo gpt"))
                .isEqualTo(new KernelClient.Completions(java.util.List.of("gpt2", "gpt-neo-125m"), 6, 9));
        assertThat(complete("%echo ").matches()).containsExactly("gpt2", "gpt-neo-125m", "demo");
        assertThat(complete("int a = 7 %ec").matches()).doesNotContain("echo");
    }

    @Test
    void says_what_is_complete() {
        assertThat(kernel.isComplete("int a = 1").status()).isEqualTo("complete");
        assertThat(kernel.isComplete("%load x").status()).isEqualTo("complete");
        assertThat(kernel.isComplete("%%prompt\ntext").status()).isEqualTo("complete");
        assertThat(kernel.isComplete("for (;;) {\n%echo x\nif (true) {"))
                .isEqualTo(new KernelClient.Completeness("incomplete", " ".repeat(8)));
        assertThat(kernel.isComplete("int a = )").status()).isEqualTo("invalid");
    }

    @Test
    void explains_java_and_magics() {
        assertThat(kernel.inspect("Math.max(", 9).orElseThrow()).contains("int Math.max(int a, int b)");
        assertThat(kernel.inspect("%echo x", 3).orElseThrow()).contains("tests echo", "%echo [ARG]");
        assertThat(kernel.inspect("nothingLikeThis1", 3)).isEmpty();
    }

    @Test
    void remembers_the_cells() {
        TestKernels.run(kernel, "int remembered = 1;");
        JsonObject content = new JsonObject();
        content.addProperty("hist_access_type", "tail");
        content.addProperty("n", 1);
        content.addProperty("raw", true);
        content.addProperty("output", false);
        assertThat(kernel.ask("history_request", content).toString()).contains("int remembered = 1;");
    }

    @Test
    void knows_what_it_is() {
        assertThat(kernel.kernelInfo()
                        .getAsJsonObject("language_info")
                        .get("name")
                        .getAsString())
                .isEqualTo("java");
        assertThat(kernel.kernelInfo().get("protocol_version").getAsString()).isEqualTo("5.3");
        assertThat(kernel.ask("comm_info_request", new JsonObject())
                        .getAsJsonObject("comms")
                        .size())
                .isZero();
        assertThat(kernel.beats(Duration.ofSeconds(5))).isTrue();
    }
}
