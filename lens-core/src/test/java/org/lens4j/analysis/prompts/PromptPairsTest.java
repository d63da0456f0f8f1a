package org.lens4j.analysis.prompts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.lens4j.Lens;
import org.lens4j.RandomModel;
import org.lens4j.config.Attention;
import org.lens4j.config.Mlp;
import org.lens4j.config.ModelConfig;
import org.lens4j.config.Norms;
import org.lens4j.config.PositionEmbedding;
import org.lens4j.config.Sizes;
import org.lens4j.error.RangeException;
import org.lens4j.error.ShapeException;
import org.lens4j.error.UnknownNameException;
import org.lens4j.error.UsageException;
import org.lens4j.model.HookedTransformer;
import org.lens4j.model.Run;
import org.lens4j.text.Tokenizer;
import org.lens4j.text.Tokens;

class PromptPairsTest {
    private static HookedTransformer demo;

    /** A tokenizer with the demo's words, and years of two tokens; the model behind it is random and reads long texts. */
    private static HookedTransformer clerk;

    @BeforeAll
    static void load(@TempDir Path folder) throws IOException {
        demo = Lens.load("demo");
        Path file = Files.writeString(folder.resolve("tokenizer.json"), withYears());
        ModelConfig config = ModelConfig.of(
                "Clerk",
                new Sizes(1, 4, 900, 300),
                new PositionEmbedding.Learned(),
                Norms.layerNorm(1e-5f),
                Attention.of(1, 1, 4),
                new Mlp.None());
        clerk = new HookedTransformer(
                "clerk", config, new RandomModel(1, config).parameters(), Optional.of(Tokenizer.read(file)));
    }

    private static String withYears() throws IOException {
        try (InputStream in = Objects.requireNonNull(
                PromptPairsTest.class.getResourceAsStream("/org/lens4j/models/demo/tokenizer.json"))) {
            JsonObject json = JsonParser.parseString(new String(in.readAllBytes(), StandardCharsets.UTF_8))
                    .getAsJsonObject();
            JsonObject model = json.getAsJsonObject("model");
            JsonArray merges = new JsonArray();
            merges.add("Ġ 1");
            merges.add("Ġ1 7");
            model.getAsJsonObject("vocab").addProperty("Ġ1", 731);
            model.getAsJsonObject("vocab").addProperty("Ġ17", 732);
            for (int year = 0; year < 100; year++) {
                String digits = "%02d".formatted(year);
                merges.add(digits.charAt(0) + " " + digits.charAt(1));
                model.getAsJsonObject("vocab").addProperty(digits, 733 + year);
            }
            model.add("merges", merges);
            return json.toString();
        }
    }

    @AfterAll
    static void close() {
        demo.close();
        clerk.close();
    }

    private static String token(PromptPair pair, Tokens tokens, String label) {
        return tokens.strings(0).get(pair.position(label));
    }

    @ParameterizedTest
    @EnumSource
    void an_indirect_object_is_named_once_and_the_giver_twice(IndirectObjects.Corruption corruption) {
        PromptPairs pairs =
                IndirectObjects.standard().withCorruption(corruption).pairs(demo, 60, 3);
        assertThat(pairs.size()).isEqualTo(60);
        for (PromptPair pair : pairs.pairs()) {
            assertThat(pair.cleanTokens().pos())
                    .isEqualTo(pair.corruptedTokens().pos());
            String receiver = pair.answer().text();
            String giver = pair.wrongAnswer().text();
            assertThat(token(pair, pair.cleanTokens(), "IO")).isEqualTo(receiver);
            assertThat(token(pair, pair.cleanTokens(), "S1")).isEqualTo(giver);
            assertThat(token(pair, pair.cleanTokens(), "S2")).isEqualTo(giver);
            assertThat(pair.position("S1+1")).isEqualTo(pair.position("S1") + 1);
            assertThat(pair.position("end")).isEqualTo(pair.cleanTokens().pos() - 1);
            String changed = token(pair, pair.corruptedTokens(), "S2");
            if (corruption == IndirectObjects.Corruption.SWAPPED) {
                assertThat(changed).isEqualTo(receiver);
            } else {
                assertThat(changed).isNotIn(receiver, giver);
            }
            for (int pos = 0; pos < pair.cleanTokens().pos(); pos++) {
                boolean same = pair.cleanTokens()
                        .ids(0)
                        .get(pos)
                        .equals(pair.corruptedTokens().ids(0).get(pos));
                assertThat(same).isEqualTo(pos != pair.position("S2"));
            }
        }
        assertThat(pairs.pairs().stream().filter(it -> it.position("IO") < it.position("S1")))
                .as("both orders occur")
                .hasSizeBetween(15, 45);
    }

    @Test
    void the_embedded_model_answers_them_and_corruption_turns_its_answer_round() {
        PromptPairs pairs = IndirectObjects.standard().pairs(demo, 40, 5);
        int right = 0;
        int turned = 0;
        for (PromptPair pair : pairs.pairs()) {
            right += difference(pair.cleanTokens(), pair) > 0 ? 1 : 0;
            turned += difference(pair.corruptedTokens(), pair) < 0 ? 1 : 0;
        }
        assertThat(right).isGreaterThanOrEqualTo(36);
        assertThat(turned).isGreaterThanOrEqualTo(36);
    }

    private static double difference(Tokens tokens, PromptPair pair) {
        try (Run run = demo.run(tokens)) {
            float[] logits = run.logits().toFloatArray();
            int last = (tokens.pos() - 1) * demo.config().dVocab();
            return logits[last + (int) pair.answer().id()]
                    - logits[last + (int) pair.wrongAnswer().id()];
        }
    }

    @Test
    void a_seed_repeats_its_pairs_and_another_draws_others() {
        PromptPairs pairs = IndirectObjects.standard().pairs(demo, 10, 3);
        assertThat(IndirectObjects.standard().pairs(demo, 10, 3)).isEqualTo(pairs);
        assertThat(IndirectObjects.standard().pairs(demo, 10, 4).pairs()).isNotEqualTo(pairs.pairs());
        assertThat(pairs.pairs().stream().map(PromptPair::clean).distinct()).hasSize(10);
    }

    @Test
    void pairs_of_one_length_make_a_batch_and_others_are_parted_or_padded() {
        PromptPairs mixed = IndirectObjects.standard().pairs(demo, 30, 3);
        assertThat(mixed.byLength().keySet().size()).isGreaterThan(1);
        assertThatThrownBy(mixed::clean)
                .isInstanceOf(ShapeException.class)
                .hasMessageStartingWith("The 30 prompt pairs of indirect objects have [")
                .hasMessageEndingWith(
                        "Take byLength(), or clean(tokenizer), which pads; new LengthGroups(pairs) patches them as one sweep.");
        assertThat(mixed.byLength().values().stream()
                        .mapToInt(PromptPairs::size)
                        .sum())
                .isEqualTo(30);
        mixed.byLength().forEach((length, pairs) -> {
            assertThat(pairs.clean().pos()).isEqualTo(length);
            assertThat(pairs.clean().batch()).isEqualTo(pairs.size());
            assertThat(pairs.corrupted().strings(0))
                    .isEqualTo(pairs.pairs().get(0).corruptedTokens().strings(0));
        });
        Tokens padded = mixed.clean(demo.tokenizer());
        assertThat(padded.strings(7).get(padded.pos() - 1)).isEqualTo(" to");
        assertThat(mixed.corrupted(demo.tokenizer()).pos()).isEqualTo(padded.pos());
        assertThat(mixed.axis().size()).isEqualTo(30);
    }

    @Test
    void capitals_ask_for_two_countries() {
        PromptPairs pairs = Capitals.standard().pairs(demo, 25, 1);
        for (PromptPair pair : pairs.pairs()) {
            String capital = pair.answer().text();
            String country = token(pair, pair.cleanTokens(), "subject").strip();
            assertThat(" " + Capitals.standard().capitals().get(country)).isEqualTo(capital);
            assertThat(token(pair, pair.corruptedTokens(), "subject").strip()).isNotEqualTo(country);
        }
        assertThat(pairs.pairs().stream().map(PromptPair::answer).distinct().count())
                .isGreaterThan(5);
    }

    @Test
    void later_years_are_right_and_all_others_wrong() {
        PromptPairs pairs = new GreaterThan(List.of("war", "reign"), 17, 17).pairs(clerk, 20, 1);
        for (PromptPair pair : pairs.pairs()) {
            int year = Integer.parseInt(token(pair, pair.cleanTokens(), "YY"));
            assertThat(token(pair, pair.corruptedTokens(), "YY")).isEqualTo("01");
            assertThat(token(pair, pair.cleanTokens(), "end")).isEqualTo(" 17");
            Set<Integer> right = pair.answers().stream()
                    .map(it -> Integer.valueOf(it.text()))
                    .collect(Collectors.toSet());
            assertThat(right).hasSize(99 - year).allMatch(it -> it > year);
            assertThat(pair.wrong()).hasSize(year + 1);
        }
    }

    @Test
    void a_docstring_names_the_arguments_in_their_order() {
        Docstrings task = new Docstrings(
                List.of("drink", "ring", "book", "ball", "cake", "map", "letter"), List.of("flower", "key", "box"));
        PromptPairs pairs = task.pairs(clerk, 10, 1);
        for (PromptPair pair : pairs.pairs()) {
            Tokens clean = pair.cleanTokens();
            assertThat(token(pair, clean, "A_def")).isEqualTo(token(pair, clean, "A_doc"));
            assertThat(token(pair, clean, "B_def")).isEqualTo(token(pair, clean, "B_doc"));
            assertThat(token(pair, clean, "C_def")).isEqualTo(pair.answer().text());
            assertThat(pair.corrupted()).doesNotContain(token(pair, clean, "C_def"));
            assertThat(token(pair, pair.corruptedTokens(), "A_doc")).isEqualTo(token(pair, clean, "A_doc"));
            assertThat(pair.wrong()).hasSize(5).doesNotContain(pair.answer());
        }
    }

    @Test
    void a_tokenizer_that_leaves_none_is_told_why() {
        assertThatThrownBy(() -> GreaterThan.standard().pairs(demo, 5, 1))
                .isInstanceOf(UsageException.class)
                .hasMessageStartingWith(
                        "None of 500 draws of greater than can be used with the tokenizer of demo: 500 times an answer is several tokens.")
                .hasMessageEndingWith("as GPT-2 writes most of them.");
        assertThatThrownBy(() -> IndirectObjects.standard()
                        .withNames("Zebedee", "Quentin")
                        .pairs(demo, 5, 1))
                .hasMessageStartingWith(
                        "Of 2 names 0 are one token for demo, and three are needed: Zebedee is [ , Z, e,")
                .hasMessageContaining("Give other names with withNames(…)");
        assertThatThrownBy(() -> Docstrings.standard().pairs(demo, 5, 1))
                .hasMessageContaining("and 6 are needed. Give words that are one token");
        assertThatThrownBy(() -> new Capitals(List.of("The capital of {X} is"), java.util.Map.of("Chad", "N'Djamena"))
                        .pairs(demo, 5, 1))
                .hasMessageStartingWith("Of 1 capitals 0 are one token for demo, and two are needed.");
    }

    @Test
    void wrong_arguments_are_refused() {
        assertThatThrownBy(() -> IndirectObjects.standard().withTemplates("{A} met {B} and {S} left"))
                .hasMessageStartingWith("The template \"{A} met {B} and {S} left\" needs the slots {A}, {B} and {S}");
        assertThatThrownBy(() -> Capitals.standard().withTemplates("{X} has the capital"))
                .hasMessageContaining("needs the slot {X}, not at its beginning");
        assertThatThrownBy(() -> new GreaterThan(List.of("war"), 18, 17))
                .isInstanceOf(RangeException.class)
                .hasMessageStartingWith("Centuries 18 to 17 are no first digits of years.");
        assertThatThrownBy(() -> Capitals.standard().pairs(demo, 0, 1))
                .hasMessage("0 prompt pairs were asked for. Ask for 1 or more.");
        PromptPair pair = Capitals.standard().pairs(demo, 1, 1).pairs().get(0);
        assertThatThrownBy(() -> pair.position("subjekt"))
                .isInstanceOf(UnknownNameException.class)
                .hasMessageContaining("Closest of 2: subject");
    }
}
