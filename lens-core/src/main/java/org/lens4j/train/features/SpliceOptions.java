package org.lens4j.train.features;

import ai.djl.ndarray.NDArray;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.lens4j.model.Metric;
import org.lens4j.model.RunOptions;

/**
 * What a run of a spliced model does besides computing logits. Immutable.
 *
 * <pre>{@code
 * SpliceOptions.defaults().edit("blocks.1.hook_resid_post.hook_sae_acts_post", acts -> acts.mul(mask))
 * }</pre>
 *
 * @param run what the model does; functions at a spliced hook point are called before the autoencoder reads
 * @param edits functions at points inside autoencoders, in order
 * @param metric the number whose gradients by these points are kept
 */
public record SpliceOptions(RunOptions run, List<Edit> edits, Optional<Metric> metric) {
    /**
     * A function at a point.
     *
     * @param name a full name, as {@link SaePoint#in} gives it
     * @param change gets a copy, and gives back what the run goes on with, of the same shape and type
     */
    public record Edit(String name, UnaryOperator<NDArray> change) {}

    /** Copies the list. */
    public SpliceOptions {
        edits = List.copyOf(edits);
    }

    /** Nothing else. */
    public static SpliceOptions defaults() {
        return new SpliceOptions(RunOptions.defaults(), List.of(), Optional.empty());
    }

    /** This with one more function at a point inside an autoencoder; the name is checked when the run starts. */
    public SpliceOptions edit(String name, UnaryOperator<NDArray> change) {
        List<Edit> more = new ArrayList<>(edits);
        more.add(new Edit(name, change));
        return new SpliceOptions(run, more, metric);
    }

    /** This with gradients of a number by every point inside the autoencoders. */
    public SpliceOptions withMetric(Metric number) {
        return new SpliceOptions(run, edits, Optional.of(number));
    }

    /** This with other options of the model's run; a metric belongs here, {@link #withMetric}. */
    public SpliceOptions with(RunOptions options) {
        return new SpliceOptions(options, edits, metric);
    }
}
