package org.lens4j.analysis.patching;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.lens4j.Lens;
import org.lens4j.model.HookedTransformer;
import org.lens4j.tensor.Scope;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PatchListenerTest {
    private final HookedTransformer model = Lens.load("demo");
    private final PatchPairs pairs = PatchPairs.of(model, "Mary and John went", "John and Mary went");

    /** A sweep of some kind, with a metric and a listener. */
    private interface Kind {
        PatchResult run(PatchMetric metric, PatchListener listener);
    }

    /** Keeps what it is told, and acts on progress. */
    private static final class Told implements PatchListener {
        private final List<String> events = new ArrayList<>();
        private final Runnable onProgress;

        Told(Runnable onProgress) {
            this.onProgress = onProgress;
        }

        @Override
        public void began() {
            events.add("began");
        }

        @Override
        public void at(PatchProgress progress) {
            events.add(progress.toString());
            onProgress.run();
        }

        @Override
        public void ended() {
            events.add("ended");
        }
    }

    /** Cannot be computed. */
    private record Failing(String name, String unit) implements PatchMetric {
        @Override
        public NDArray values(PatchedLogits logits, Scope scope) {
            throw new IllegalStateException("no metric");
        }
    }

    Stream<Kind> kinds() {
        return Stream.of(
                (metric, told) -> ActivationPatch.of(model, pairs, metric)
                        .withListener(told)
                        .run(PatchSite.residPre()),
                (metric, told) -> AttributionPatch.of(model, pairs, metric)
                        .withSteps(2)
                        .withListener(told)
                        .run(PatchSite.headOut()),
                (metric, told) ->
                        PathPatch.of(model, pairs, metric).withListener(told).heads(Receiver.logits()),
                (metric, told) -> Ablation.zero(model, pairs.clean(), metric)
                        .withListener(told)
                        .run(PatchSite.headOut()));
    }

    @AfterEach
    void is_not_interrupted() {
        assertThat(Thread.currentThread().isInterrupted()).isFalse();
    }

    @AfterAll
    void close() {
        model.close();
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void a_sweep_says_that_it_begins_and_ends_around_all_progress(Kind kind) {
        Told told = new Told(() -> {});
        PatchResult result = kind.run(PatchMetric.logit(3), told);
        assertThat(told.events)
                .startsWith("began")
                .endsWith(result.progress().toString(), "ended")
                .hasSizeGreaterThan(2);
        assertThat(told.events).filteredOn(Set.of("began", "ended")::contains).hasSize(2);
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void a_sweep_that_fails_or_is_interrupted_ends_too(Kind kind) {
        Told failed = new Told(() -> {});
        assertThatThrownBy(() -> kind.run(new Failing("none", ""), failed)).hasMessage("no metric");
        assertThat(failed.events).containsExactly("began", "ended");
        Told interrupted = new Told(Thread.currentThread()::interrupt);
        PatchResult part = kind.run(PatchMetric.logit(3), interrupted);
        assertThat(Thread.interrupted()).isTrue();
        assertThat(interrupted.events).containsExactly("began", part.progress().toString(), "ended");
    }

    @Test
    void several_sweeps_of_one_call_are_one_to_the_listener() {
        Told told = new Told(() -> {});
        PatchResult result = ActivationPatch.of(model, pairs, PatchMetric.logit(3))
                .withListener(told)
                .everyHead();
        int all = result.grid().values().length;
        assertThat(told.events).startsWith("began").endsWith("%d of %d patches".formatted(all, all), "ended");
        assertThat(told.events).filteredOn(Set.of("began", "ended")::contains).hasSize(2);
        assertThat(told.events.subList(1, told.events.size() - 1))
                .extracting(it -> Integer.parseInt(it.substring(0, it.indexOf(" of "))))
                .isSorted()
                .doesNotHaveDuplicates();
        assertThat(told.events.subList(1, told.events.size() - 1))
                .allMatch(it -> it.endsWith(" of " + all + " patches"));
    }

    @Test
    void several_sweeps_of_one_call_stop_together() {
        List<PatchProgress> seen = new ArrayList<>();
        PatchListener first = new PatchListener() {
            @Override
            public void at(PatchProgress progress) {
                seen.add(progress);
            }

            @Override
            public boolean stops() {
                return !seen.isEmpty();
            }
        };
        PatchResult result = ActivationPatch.of(model, pairs, PatchMetric.logit(3))
                .withRows(1)
                .withListener(first)
                .everyBlock();
        assertThat(seen).hasSize(1);
        assertThat(result.isComplete()).isFalse();
        assertThat(result.progress().done()).isEqualTo(1);
    }
}
