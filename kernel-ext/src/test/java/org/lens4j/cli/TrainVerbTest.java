package org.lens4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lens4j.Lens;
import org.lens4j.model.HookedTransformer;

class TrainVerbTest {
    @Test
    void a_few_steps_make_a_model_that_loads_and_say_what_it_can_do(@TempDir Path folder) {
        Path out = folder.resolve("demo");
        MainTest.Ended ended = MainTest.lens("train", "demo", "--steps", "2", "--out", out.toString());
        assertThat(ended.code()).as(ended.err()).isZero();
        assertThat(ended.err()).contains("step 2 of 2: loss");
        assertThat(ended.out())
                .contains("GPTNeoForCausalLM")
                .contains("written to " + out)
                .contains("induction");
        try (HookedTransformer model = Lens.load(out.toString())) {
            assertThat(model.tokens("When Mary").strings(0)).endsWith("When", " Mary");
        }
    }

    @Test
    void another_model_is_unknown(@TempDir Path folder) {
        MainTest.Ended ended = MainTest.lens("train", "gpt2", "--out", folder.toString());
        assertThat(ended.code()).isNotZero();
        assertThat(ended.err()).contains("Unknown model \"gpt2\" in lens train").contains("demo");
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void no_steps_are_refused(@TempDir Path folder) {
        MainTest.Ended ended = MainTest.lens("train", "demo", "--steps", "0", "--out", folder.toString());
        assertThat(ended.code()).isEqualTo(Main.WRONG);
        assertThat(ended.err()).contains("--steps 0 trains nothing.");
    }
}
