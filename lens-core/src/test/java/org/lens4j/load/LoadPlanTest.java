package org.lens4j.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.lens4j.Fixtures;
import org.lens4j.error.LoadRefusedException;
import org.lens4j.hub.ModelFiles;
import org.lens4j.model.HookedTransformer;
import org.lens4j.model.WeightForm;

class LoadPlanTest {
    private static final ModelFiles GPT2 = ModelFiles.ofDirectory(Fixtures.committed("gpt2"));

    private static Loading loading(LoadOptions options, long free) {
        return new Loading(GPT2, options, () -> free);
    }

    @Test
    void raw_weights_stay_in_their_file_and_processed_ones_take_their_size() {
        Loading loading = loading(LoadOptions.defaults(), 1L << 40);
        LoadPlan raw = loading.plan(WeightForm.RAW);
        LoadPlan processed = loading.plan(WeightForm.PROCESSED);
        // A tied unembedding gets memory of its own; only the token embedding stays in the file.
        long embedding = 113L * 32 * Float.BYTES;
        assertThat(raw.peak() - LoadPlan.WORKING)
                .as("b_U, which is not in the file")
                .isEqualTo(113 * Float.BYTES);
        assertThat(processed.peak() - LoadPlan.WORKING).isEqualTo(processed.weights() - embedding);
        try (HookedTransformer model = loading.load().model()) {
            assertThat(processed.weights()).isEqualTo(model.parameters().count() * Float.BYTES);
        }
    }

    @Test
    void what_does_not_fit_is_refused_with_advice_before_anything_is_read() {
        List<LoadPlan> announced = new ArrayList<>();
        Loading loading = loading(LoadOptions.defaults().announcing(announced::add), 5_000_000);
        assertThatThrownBy(loading::load)
                .isInstanceOf(LoadRefusedException.class)
                .hasMessage("Loading gpt2 takes 67 MB of memory at its peak, and 5.0 MB are free, so it was not begun."
                        + " Close other models or kernels, or choose a smaller model.");
        assertThat(announced).hasSize(1);
        assertThat(announced.get(0).fits()).isFalse();
        assertThat(announced.get(0).line())
                .isEqualTo(
                        "gpt2: 190 kB of weights (194 kB in its files), 67 MB of memory at the peak of loading, 5.0 MB free");
    }

    @Test
    void where_raw_weights_would_fit_they_are_advised() {
        assertThatThrownBy(
                        new LoadPlan("big", 10_000_000, 10_000_000, 10_000_000, 1_000_000, 2_000_000)::refuseIfTooLarge)
                .isInstanceOf(LoadRefusedException.class)
                .hasMessage("Loading big takes 10 MB of memory at its peak, and 2.0 MB are free, so it was not begun."
                        + " Load it without processing (%load --no-processing, LoadOptions.noProcessing()), which takes 1.0 MB,"
                        + " close other models or kernels, or choose a smaller model.");
    }

    @Test
    void the_other_form_is_refused_too_where_there_is_no_room_for_both() {
        long[] free = {1L << 40};
        Loading loading = new Loading(GPT2, LoadOptions.defaults().noProcessing(), () -> free[0]);
        try (HookedTransformer raw = loading.load().model()) {
            free[0] = 0;
            assertThatThrownBy(raw::processed)
                    .isInstanceOf(LoadRefusedException.class)
                    .hasMessageContaining("0 bytes are free");
            free[0] = 1L << 40;
            assertThat(raw.processed()).isNotSameAs(raw);
        }
    }
}
