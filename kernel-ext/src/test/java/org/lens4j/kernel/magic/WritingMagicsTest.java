package org.lens4j.kernel.magic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lens4j.error.UsageException;
import org.lens4j.generate.GenerateListener;
import org.lens4j.generate.GenerateOptions;
import org.lens4j.generate.Generation;
import org.lens4j.generate.Steering;
import org.lens4j.generate.StopReason;
import org.lens4j.kernel.TinyT5;
import org.lens4j.text.Tokens;

/** {@code %generate} and {@code %steer}: the model writes. */
class WritingMagicsTest {
    private static final DemoMagics MAGICS = new DemoMagics();
    private static final long MILLI = 1_000_000;

    @BeforeEach
    void begin() {
        MAGICS.host().stopAfter(Integer.MAX_VALUE);
        MAGICS.lens().seed(0);
    }

    @AfterAll
    static void close() {
        MAGICS.close();
    }

    private static String text(String line) throws Exception {
        return MAGICS.value(line, Generation.class).text();
    }

    @Test
    void the_likeliest_text_goes_on_with_the_prompt() throws Exception {
        assertThat(text("%generate -n 1")).isEqualTo(" Mary");
        assertThat(MAGICS.shown("%generate -n 1").plain()).contains("John gave a drink to Mary  [length]");
        assertThat(text("%generate -n 1 -p \"Paris is the capital of\"")).isEqualTo(" France");
        assertThat(MAGICS.lens().prompt()).isEqualTo(DemoMagics.PROMPT);
    }

    @Test
    void what_is_drawn_depends_on_the_seed_of_the_line_or_of_the_session() throws Exception {
        String drawn = text("%generate --temperature 2 -n 12 --seed 5");
        assertThat(text("%generate --temperature 2 -n 12 --seed 5")).isEqualTo(drawn);
        assertThat(text("%generate --temperature 2 -n 12")).isNotEqualTo(drawn);
        MAGICS.lens().seed(5);
        assertThat(text("%generate --temperature 2 -n 12")).isEqualTo(drawn);
    }

    @Test
    void a_steering_is_kept_and_used() throws Exception {
        String shown = MAGICS.run("%steer blocks.1.hook_resid_pre \" Paris\" \" Rome\" --strength 6 -n 5 -o paris")
                .shown()
                .orElseThrow()
                .plain();
        assertThat(shown).contains("none", "strength 6.0", "a direction of 64 numbers");
        Steering kept = (Steering) MAGICS.host().variable("paris").orElseThrow();
        assertThat(kept.strength()).isEqualTo(6);
        String steered = text("%generate -n 5 --steer $paris");
        assertThat(steered).isNotEqualTo(text("%generate -n 5"));
        assertThat(text("%generate -n 5 --steer \"blocks.1.hook_resid_pre:6: Paris| Rome\""))
                .isEqualTo(steered);
        assertThat(shown).contains(steered);
    }

    @Test
    void a_stopped_text_is_kept_as_far_as_it_came() throws Exception {
        String whole = text("%generate -n 8 --no-eos");
        MAGICS.host().stopAfter(3);
        Generation part = MAGICS.value("%generate -n 8 --no-eos -o part", Generation.class);
        assertThat(part.rows().get(0).reason()).isEqualTo(StopReason.INTERRUPTED);
        assertThat(whole).startsWith(part.text());
        assertThat(MAGICS.host().variable("part")).contains(part);
    }

    @Test
    void a_model_of_two_stacks_says_what_it_says_in_java_and_is_stopped(@TempDir Path folder) throws Exception {
        Tokens input = Tokens.of(new long[] {5, 9, 33}, new long[] {7, 7, 12});
        try (DemoMagics two = new DemoMagics()) {
            two.run("%load " + TinyT5.write(folder.resolve("t5")));
            two.host().set("input", input);
            Generation said = two.value("%generate -n 6 --no-eos -p $input", Generation.class);
            Generation right = Generation.of(
                    two.lens().encoderDecoder(), input, GenerateOptions.of(6).withoutEnd(), GenerateListener.none());
            assertThat(said.rows()).isEqualTo(right.rows());
            assertThat(said.rows().get(0).ids()).isNotEqualTo(said.rows().get(1).ids());
            assertThat(two.shown("%generate -n 6 --no-eos -p $input").plain())
                    .contains(said.rows().get(1).ids() + "  [length]");
            assertThat(two.shown("%generate --java -n 6 -p $input").plain())
                    .isEqualTo(
                            "Generation.of(lens.encoderDecoder(), input, GenerateOptions.of(6), GenerateListener.none())");
            assertThatThrownBy(() -> two.run("%generate -p $input --steer encoder.0.hook_resid_post:1:a|b"))
                    .isInstanceOf(UsageException.class);
            two.host().stopAfter(3);
            Generation part = two.value("%generate -n 6 --no-eos -p $input", Generation.class);
            assertThat(part.rows().get(0).reason()).isEqualTo(StopReason.INTERRUPTED);
            assertThat(said.rows().get(0).ids())
                    .startsWith(part.rows().get(0).ids().toArray(Long[]::new))
                    .hasSizeGreaterThan(part.rows().get(0).ids().size());
        }
    }

    @Test
    void the_text_is_shown_as_it_is_written_where_that_takes_a_while() {
        long[] now = {0};
        QuietHost host = new QuietHost();
        try (WritingInCell writing = new WritingInCell(host, "A", () -> now[0])) {
            for (int i = 0; i < 14; i++) {
                now[0] += 50 * MILLI;
                writing.token(new GenerateListener.Written(0, i, 7, Character.toString('a' + i), -1));
            }
        }
        assertThat(host.updates())
                .as("from half a second on, each tenth of one")
                .containsExactly(
                        "Aabcdefghij▌", "Aabcdefghijkl▌", "Aabcdefghijklmn▌", "14 tokens in 0.7 s, 20.0 tokens/s");
        QuietHost quick = new QuietHost();
        try (WritingInCell writing = new WritingInCell(quick, "A", () -> 0)) {
            writing.token(new GenerateListener.Written(0, 0, 7, "b", -1));
        }
        assertThat(quick.updates()).isEmpty();
    }
}
