package org.lens4j.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.lens4j.Fixtures;
import org.lens4j.Lens;
import org.lens4j.analysis.parity.Difference;
import org.lens4j.error.ShapeException;
import org.lens4j.error.UsageException;
import org.lens4j.generate.GenerateListener;
import org.lens4j.generate.GenerateOptions;
import org.lens4j.generate.Generation;
import org.lens4j.generate.Sampler;
import org.lens4j.generate.StopReason;
import org.lens4j.hook.Hooks;
import org.lens4j.text.Tokens;

/** T5 on random weights says the same piece by piece as at once, and writes what its own logits say. */
class SayingTest {
    private static final int STEPS = 12;

    @TempDir
    private Path folder;

    private HookedEncoderDecoder load(String config) throws IOException {
        String text = Files.readString(Path.of("src/test/resources/configs", config));
        new T5Reference(JsonParser.parseString(text).getAsJsonObject(), 7).write(folder, text);
        return Lens.loadEncoderDecoder(folder.toString());
    }

    private static long[] ids(int count, long seed) {
        Random random = new Random(seed);
        long[] ids = new long[count];
        Arrays.setAll(ids, it -> 2 + random.nextInt(59));
        return ids;
    }

    private static GenerateOptions greedy() {
        return GenerateOptions.of(STEPS).withSampler(Sampler.greedy()).withoutEnd();
    }

    private static List<Long> written(HookedEncoderDecoder model, Tokens input, GenerateOptions options, int row) {
        return Generation.of(model, input, options, GenerateListener.none())
                .rows()
                .get(row)
                .ids();
    }

    @ParameterizedTest
    @ValueSource(strings = {"t5.json", "t5_gated.json"})
    void pieces_have_the_logits_of_the_whole(String config) throws IOException {
        long[] said = ids(30, 2);
        said[0] = 0;
        try (HookedEncoderDecoder model = load(config)) {
            Tokens input = Tokens.of(ids(20, 1));
            float[] whole;
            try (Run run = model.run(input, Tokens.of(said), RunOptions.defaults())) {
                whole = run.logits().toFloatArray();
            }
            int width = model.config().dVocab();
            try (Saying saying = model.saying(input)) {
                int from = 0;
                for (int to : new int[] {7, 8, 9, 30}) {
                    try (Run piece = saying.run(Tokens.of(Arrays.copyOfRange(said, from, to)), RunOptions.defaults())) {
                        float[] wanted = Arrays.copyOfRange(whole, from * width, to * width);
                        assertThat(Difference.of(wanted, piece.logits().toFloatArray())
                                        .relative())
                                .as("from " + from)
                                .isLessThan(Fixtures.TOLERANCE);
                    }
                    from = to;
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"t5.json", "t5_gated.json"})
    void what_it_writes_is_the_likeliest_token_of_each_whole_run(String config) throws IOException {
        try (HookedEncoderDecoder model = load(config)) {
            Tokens input = Tokens.of(ids(20, 1));
            List<Long> wanted = new ArrayList<>();
            for (int step = 0; step < STEPS; step++) {
                long[] so = wanted.stream().mapToLong(Long::longValue).toArray();
                try (Run run = model.run(input, model.decoderTokens(so), RunOptions.defaults())) {
                    float[] last = run.logits().get("0, -1").toFloatArray();
                    int best = 0;
                    for (int i = 1; i < last.length; i++) {
                        best = last[i] > last[best] ? i : best;
                    }
                    wanted.add((long) best);
                }
            }
            assertThat(written(model, input, greedy(), 0)).isEqualTo(wanted);
            assertThat(written(model, input, greedy().withoutCache(), 0)).isEqualTo(wanted);
        }
    }

    @Test
    void padded_texts_are_answered_as_each_alone_and_a_row_ends_by_itself() throws IOException {
        try (HookedEncoderDecoder model = load("t5.json")) {
            long[] one = ids(20, 1);
            long[] other = ids(9, 5);
            boolean[][] attended = new boolean[2][20];
            Arrays.fill(attended[0], true);
            Arrays.fill(attended[1], 0, 9, true);
            Tokens both = Tokens.of(one, Arrays.copyOf(other, 20)).withAttended(attended);
            List<Long> first = written(model, Tokens.of(one), greedy(), 0);
            List<Long> second = written(model, Tokens.of(other), greedy(), 0);
            assertThat(written(model, both, greedy(), 0)).isEqualTo(first);
            assertThat(written(model, both, greedy(), 1)).isEqualTo(second);
            int end = Math.toIntExact(first.get(2));
            GenerateOptions ending = greedy().withEnd(List.of(end));
            Generation ended = Generation.of(model, both, ending, GenerateListener.none());
            assertThat(ended.rows().get(0).reason()).isEqualTo(StopReason.END_OF_TEXT);
            assertThat(ended.rows().get(0).ids()).isEqualTo(first.subList(0, first.indexOf((long) end) + 1));
            assertThat(ended.tokens().ids(0).get(0)).isZero();
        }
    }

    @Test
    void functions_of_the_encoder_are_called_once_and_those_of_the_decoder_at_each_step() throws IOException {
        try (HookedEncoderDecoder model = load("t5.json")) {
            List<String> calls = new ArrayList<>();
            Hooks watching = Hooks.none()
                    .observe("encoder.0.hook_resid_post", (x, at) -> calls.add("read " + x.getShape()))
                    .observe("decoder.0.hook_resid_post", (x, at) -> calls.add("say " + x.getShape()));
            written(model, Tokens.of(ids(20, 1)), greedy().withHooks(watching), 0);
            assertThat(calls).filteredOn(it -> it.startsWith("read")).hasSize(1);
            assertThat(calls).filteredOn(it -> it.startsWith("say (1, 1, ")).hasSize(STEPS);
        }
    }

    @Test
    void what_two_stacks_cannot_do_is_said() throws IOException {
        try (HookedEncoderDecoder model = load("t5.json");
                KvCache past = new KvCache();
                Saying saying = model.saying(Tokens.of(ids(20, 1)))) {
            assertThatThrownBy(() -> written(model, Tokens.of(ids(20, 1)), greedy().withPast(past), 0))
                    .isInstanceOf(UsageException.class)
                    .hasMessageContaining("has two stacks: steering and a key-value cache of your own");
            assertThatThrownBy(() -> saying.run(model.startTokens(2), RunOptions.defaults()))
                    .isInstanceOf(ShapeException.class)
                    .hasMessageContaining("1 texts are read and 2 said.");
        }
    }
}
