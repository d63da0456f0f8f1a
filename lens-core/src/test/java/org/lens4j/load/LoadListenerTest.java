package org.lens4j.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.lens4j.error.InterruptedRunException;
import org.lens4j.model.HookedModel;

/** Who is told how far a load is, and how one ends early. */
class LoadListenerTest {
    private static final LoadOptions QUICK = LoadOptions.defaults().withoutCheck();

    @Test
    void what_is_read_grows_up_to_all_of_it() {
        List<Long> read = new ArrayList<>();
        List<Long> all = new ArrayList<>();
        LoadOptions options = QUICK.listening(new LoadListener() {
            @Override
            public void read(String model, long done, long of) {
                assertThat(model).isEqualTo("demo");
                read.add(done);
                all.add(of);
            }
        });
        try (HookedModel model = Pretrained.load("demo", options).hooked()) {
            long bytes = model.parameters().count() * Float.BYTES;
            assertThat(all).containsOnly(bytes);
            assertThat(read).isSorted().last().isEqualTo(bytes);
            assertThat(read.size()).isGreaterThan(10);
        }
    }

    @Test
    void the_end_is_told_once_and_last_of_a_load_that_ends_early_too() {
        List<String> told = new ArrayList<>();
        LoadListener listener = new LoadListener() {
            @Override
            public void read(String model, long done, long of) {
                told.add(done == of ? "all" : "some");
            }

            @Override
            public void ended(String model) {
                told.add("ended " + model);
            }
        };
        Pretrained.load("demo", QUICK.listening(listener)).hooked().close();
        assertThat(told).containsOnlyOnce("all", "ended demo").endsWith("all", "ended demo");
        told.clear();
        LoadOptions interrupted = QUICK.listening(listener).listening(new LoadListener() {
            @Override
            public void read(String model, long done, long of) {
                Thread.currentThread().interrupt();
            }
        });
        assertThatThrownBy(() -> Pretrained.load("demo", interrupted)).isInstanceOf(InterruptedRunException.class);
        assertThat(Thread.interrupted()).isTrue();
        assertThat(told).containsExactly("some", "ended demo");
    }

    @Test
    void several_are_told() {
        List<String> told = new ArrayList<>();
        LoadOptions options =
                QUICK.announcing(plan -> told.add("first " + plan.name())).announcing(plan -> told.add("second"));
        Pretrained.load("demo", options).hooked().close();
        assertThat(told).containsExactly("first demo", "second");
    }

    @Test
    void an_interrupt_ends_the_reading() {
        LoadOptions options = QUICK.listening(new LoadListener() {
            @Override
            public void read(String model, long done, long of) {
                Thread.currentThread().interrupt();
            }
        });
        assertThatThrownBy(() -> Pretrained.load("demo", options))
                .isInstanceOf(InterruptedRunException.class)
                .hasMessage(
                        "Loading demo was interrupted. What it had read is freed. Load it again, after Thread.interrupted() if the thread is your own.");
        assertThat(Thread.interrupted()).isTrue();
    }
}
