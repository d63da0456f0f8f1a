package org.lens4j.kernel.display;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.lens4j.Lens;
import org.lens4j.analysis.logits.LensOptions;
import org.lens4j.analysis.logits.LensReading;
import org.lens4j.analysis.prompts.Capitals;
import org.lens4j.analysis.prompts.TestedPrompt;
import org.lens4j.generate.GenerateOptions;
import org.lens4j.generate.Generation;
import org.lens4j.model.HookedTransformer;

class WritingDisplaysTest {
    private static final String PROMPT = "The capital of France is";

    private final Displays displays = LensDisplays.standard();

    private static HookedTransformer model;

    @BeforeAll
    static void load() {
        model = Lens.load("demo");
    }

    @AfterAll
    static void close() {
        model.close();
    }

    @Test
    void what_was_written_stands_behind_its_prompt() {
        assertThat(displays.of(Generation.of(model, List.of(PROMPT, PROMPT), GenerateOptions.of(1)))
                        .plain())
                .isEqualTo(("<|endoftext|>" + PROMPT + " Paris  [length]\n")
                        .repeat(2)
                        .strip());
    }

    @Test
    void answers_notes_and_likely_tokens_are_shown_together() {
        MimeBundle shown = displays.of(TestedPrompt.of(model, PROMPT, " Paris", "Rome"));
        assertThat(shown.plain())
                .contains("·Paris", "\"Rome\" begins without a space")
                .containsSubsequence("answer", "rank", "probability");
        assertThat(shown.data().get(MimeBundle.HTML)).contains("<p>&quot;Rome&quot; begins without a space");
    }

    @Test
    void pairs_are_a_table_and_a_reading_is_its_lens() {
        assertThat(displays.of(Capitals.standard().pairs(model, 3, 1)).plain())
                .contains("3 prompt pairs: capitals, seed 1", "The capital of")
                .containsPattern("(?m)is +·[A-Z][a-z]+ +·[A-Z][a-z]+ +\\d+$");
        LensReading seen = LensReading.of(model, model.tokens(PROMPT), LensOptions.defaults());
        assertThat(displays.of(seen).plain()).isEqualTo(displays.of(seen.lens()).plain());
        assertThat(displays.of(seen).data().get(MimeBundle.HTML)).contains("Divergence from the final distribution");
        assertThat(displays.of(seen.lens()).data().get(MimeBundle.HTML)).doesNotContain("Divergence");
    }
}
