package org.lens4j.kernel.display;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProgressBarTest {
    private static final long SECOND = 1_000_000_000;
    private static final OptionalLong TOTAL = OptionalLong.of(548_000_000);

    private final List<String> drawn = new ArrayList<>();
    private final List<String> ended = new ArrayList<>();
    private long now = 5;

    private final ProgressBar.Canvas canvas = new ProgressBar.Canvas() {
        @Override
        public void draw(String line) {
            drawn.add(line);
        }

        @Override
        public void end(String line) {
            ended.add(line);
        }
    };

    private ProgressBar bar(OptionalLong total) {
        return new ProgressBar("model.safetensors", total, "B", canvas, () -> now);
    }

    private String last() {
        return drawn.get(drawn.size() - 1);
    }

    @Test
    void a_bar_looks_as_tqdm_draws_it() {
        ProgressBar bar = bar(TOTAL);
        for (int second = 0; second <= 12; second++) {
            bar.at(second * 20_600_000L);
            now += SECOND;
        }
        assertThat(last()).isEqualTo("model.safetensors:  45%|████▌     | 247M/548M [00:12<00:14, 20.6MB/s]");
        bar.at(548_000_000);
        assertThat(last()).startsWith("model.safetensors: 100%|██████████| 548M/548M [00:13<00:00, ");
    }

    @Test
    void work_under_half_a_second_shows_nothing() {
        ProgressBar quick = bar(TOTAL);
        quick.at(10);
        now += SECOND / 2 - 1;
        quick.at(20);
        quick.close();
        assertThat(drawn).isEmpty();
        assertThat(ended).isEmpty();
        ProgressBar slow = bar(TOTAL);
        now += SECOND / 2;
        slow.at(274_000_000);
        assertThat(last()).contains(" 50%|");
        slow.close();
        assertThat(ended).hasSize(1);
    }

    @Test
    void work_without_a_total_has_neither_bar_nor_time_left() {
        ProgressBar bar = bar(OptionalLong.empty());
        now += 2 * SECOND;
        bar.at(3_000_000);
        assertThat(last()).isEqualTo("model.safetensors: 3.00MB [00:02, 1.50MB/s]");
        bar.at(4_000_000, OptionalLong.of(3_500_000));
        bar.close();
        assertThat(ended).containsExactly("model.safetensors: 4.00MB [00:02, 2.00MB/s]");
    }

    @Test
    void after_half_a_second_it_is_drawn_ten_times_a_second_at_most_and_once_at_the_end() {
        try (ProgressBar bar = bar(TOTAL)) {
            for (int ms = 0; ms < 1000; ms++) {
                bar.at(ms * 1000L);
                now += SECOND / 1000;
            }
        }
        assertThat(drawn).hasSize(5);
        assertThat(ended).hasSize(1);
        assertThat(ended.get(0)).contains("| 999k/548M [00:01<");
    }

    @Test
    void what_was_done_earlier_counts_as_done_and_not_for_the_speed() {
        ProgressBar bar = bar(TOTAL).resumedAt(274_000_000);
        now += SECOND / 2;
        bar.at(274_000_000);
        assertThat(last()).isEqualTo("model.safetensors:  50%|█████     | 274M/548M [00:00<?, ?B/s]");
        now += SECOND;
        bar.at(284_000_000);
        assertThat(last()).endsWith("[00:01<00:35, 7.36MB/s]");
    }

    @Test
    void the_speed_follows_a_change() {
        ProgressBar bar = bar(TOTAL);
        for (int second = 1; second <= 60; second++) {
            now += SECOND;
            bar.at(second <= 30 ? second * 10_000_000L : 300_000_000L + (second - 30) * 1_000_000L);
        }
        assertThat(last()).endsWith(", 1.00MB/s]");
    }

    @Test
    void work_that_begins_anew_goes_back() {
        ProgressBar bar = bar(TOTAL);
        now += SECOND;
        bar.at(100_000_000);
        now += SECOND;
        bar.at(0);
        assertThat(last()).startsWith("model.safetensors:   0%|          | 0/548M [00:02<?, ");
        now += SECOND;
        bar.at(1_000_000);
        assertThat(last()).contains(", 1.00MB/s]");
    }

    @Test
    void after_its_end_it_is_not_drawn_again() {
        ProgressBar bar = bar(TOTAL);
        now += SECOND;
        bar.at(1);
        bar.close();
        now += SECOND;
        bar.at(2);
        bar.close();
        assertThat(drawn).hasSize(1);
        assertThat(ended).hasSize(1);
    }

    @Test
    void an_hour_is_written_as_one() {
        ProgressBar bar = bar(TOTAL);
        now += 3723 * SECOND;
        bar.at(274_000_000);
        assertThat(last()).contains("[1:02:03<1:02:0");
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0",
        "1, 1",
        "999, 999",
        "999.7, 1.00k",
        "1234, 1.23k",
        "99949, 99.9k",
        "99951, 100k",
        "247e6, 247M",
        "548e9, 548G",
        "5e15, 5000T",
        "1.5, 1.50"
    })
    void amounts_have_three_digits(double amount, String text) {
        assertThat(ProgressBar.amount(amount)).isEqualTo(text);
    }

    @Test
    void a_terminal_is_overwritten_and_a_log_gets_one_line() {
        StringWriter terminal = new StringWriter();
        ProgressBar.Canvas screen = Canvases.terminal(new PrintWriter(terminal));
        screen.draw("a longer line");
        screen.draw("short");
        screen.end("the end");
        assertThat(terminal.toString()).isEqualTo("\ra longer line\rshort        \rthe end" + System.lineSeparator());
        StringWriter log = new StringWriter();
        ProgressBar.Canvas file = Canvases.log(new PrintWriter(log, true), () -> now);
        file.draw("early");
        now += 10 * SECOND;
        file.draw("after ten seconds");
        now += 9 * SECOND;
        file.draw("too soon");
        file.end("the end");
        assertThat(log.toString().lines()).containsExactly("after ten seconds", "the end");
    }

    @Test
    void a_note_stands_behind_the_bar() {
        ProgressBar bar = bar(TOTAL);
        now += SECOND;
        bar.note("loss 1.250");
        bar.at(274_000_000);
        assertThat(last()).endsWith("B/s] loss 1.250");
    }

    @Test
    void work_that_says_nothing_is_drawn_too() throws Exception {
        BlockingQueue<String> seen = new LinkedBlockingQueue<>();
        ProgressBar.Canvas screen = new ProgressBar.Canvas() {
            @Override
            public void draw(String line) {
                seen.add(line);
            }

            @Override
            public void end(String line) {
                seen.add("end " + line);
            }
        };
        try (ProgressBar bar = ProgressBar.of("waits", OptionalLong.of(10), "x", screen)) {
            bar.at(3);
            assertThat(seen.poll(30, TimeUnit.SECONDS)).startsWith("waits:  30%|███       | 3/10 [00:00<");
            assertThat(seen.poll(30, TimeUnit.SECONDS)).startsWith("waits:  30%|███       | 3/10 [00:01<");
        }
        assertThat(seen).last().asString().startsWith("end waits:  30%|");
    }

    @Test
    void each_file_of_a_download_that_takes_a_while_has_a_bar() {
        DownloadBars bars =
                new DownloadBars(file -> new ProgressBar(file, OptionalLong.empty(), "B", canvas, () -> now));
        bars.at("config.json", 669, OptionalLong.of(669));
        bars.end("config.json");
        bars.at("a.safetensors", 100_000, OptionalLong.of(400_000));
        now += SECOND;
        bars.at("a.safetensors", 400_000, OptionalLong.of(400_000));
        bars.end("a.safetensors");
        bars.at("b.bin", 5, OptionalLong.empty());
        now += SECOND;
        bars.close();
        assertThat(ended)
                .containsExactly(
                        "a.safetensors: 100%|██████████| 400k/400k [00:01<00:00, 300kB/s]", "b.bin: 5B [00:01, ?B/s]");
    }

    @Test
    void a_load_that_ends_early_leaves_its_bar_and_the_next_has_its_own() {
        LoadBar bars = new LoadBar((model, of) -> new ProgressBar(model, OptionalLong.of(of), "B", canvas, () -> now));
        long least = LoadBar.LEAST_BYTES;
        bars.read("big", 0, 4 * least);
        now += SECOND;
        bars.read("big", least, 4 * least);
        bars.ended("big");
        bars.read("quick", least, least);
        bars.ended("quick");
        bars.read("small", 0, least - 1);
        now += SECOND;
        bars.read("small", least - 1, least - 1);
        bars.ended("small");
        bars.read("next", 0, least);
        now += SECOND;
        bars.read("next", least, least);
        bars.ended("next");
        bars.ended("never begun");
        assertThat(ended)
                .containsExactly(
                        "big:  25%|██▌       | 32.0M/128M [00:01<00:03, 32.0MB/s]",
                        "next: 100%|██████████| 32.0M/32.0M [00:01<00:00, 32.0MB/s]");
    }
}
