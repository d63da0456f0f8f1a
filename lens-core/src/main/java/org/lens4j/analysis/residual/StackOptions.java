package org.lens4j.analysis.residual;

import java.util.EnumSet;
import java.util.OptionalInt;
import java.util.Set;
import org.lens4j.tensor.Slice;

/**
 * Which parts of the residual stream are stacked, and how. Options that a {@link Decomposition} does not know are refused.
 *
 * <pre>{@code
 * StackOptions.defaults().withLayer(6).withPositions(Slice.at(-1)).withLn()
 * }</pre>
 *
 * @param layer what was written before this layer is taken, 0 to the number of layers; empty for everything.
 *     TransformerLens: {@code layer}
 * @param mids also the stream between attention and MLP. TransformerLens: {@code incl_mid}
 * @param mlpInput up to what the layer's MLP reads, so with its attention. TransformerLens: {@code mlp_input}
 * @param part whose output. TransformerLens: {@code mode}
 * @param embeds whether the embeddings are parts too. TransformerLens: {@code incl_embeds}
 * @param positions which; the axis always stays. TransformerLens: {@code pos_slice}
 * @param ln whether the parts are divided as the next layer norm divides their sum. TransformerLens: {@code apply_ln}
 * @param expandNeurons every neuron by itself instead of every MLP. TransformerLens: {@code expand_neurons}
 * @param remainder one more component, so that the sum is the stream. TransformerLens: {@code incl_remainder}
 * @param neurons which of every layer. TransformerLens: {@code neuron_slice}
 */
public record StackOptions(
        OptionalInt layer,
        boolean mids,
        boolean mlpInput,
        Part part,
        boolean embeds,
        Slice positions,
        Ln ln,
        boolean expandNeurons,
        boolean remainder,
        Slice neurons) {
    /** Whose output. */
    public enum Part {
        /** Attention and MLP. */
        BOTH,
        /** Attention alone. */
        ATTENTION,
        /** MLPs alone. */
        MLP
    }

    /** What parts are divided by. */
    public enum Ln {
        /** Nothing: they stay as they were written. */
        NONE,
        /**
         * What TransformerLens 2.18 takes: the scale of the run, but for the accumulated stream up to the end each entry's
         * own, as the logit lens does.
         */
        USUAL,
        /** The scale of the run, for every component; what TransformerLens 2.15 takes always. */
        OF_THE_RUN,
        /** Each component's own. */
        OWN
    }

    /** Everything, of all layers and positions, as it was written. */
    public static StackOptions defaults() {
        return new StackOptions(
                OptionalInt.empty(), false, false, Part.BOTH, true, Slice.all(), Ln.NONE, true, false, Slice.all());
    }

    /** These up to another layer. */
    public StackOptions withLayer(int before) {
        return new StackOptions(
                OptionalInt.of(before), mids, mlpInput, part, embeds, positions, ln, expandNeurons, remainder, neurons);
    }

    /** These with the stream between attention and MLP. */
    public StackOptions withMids() {
        return new StackOptions(layer, true, mlpInput, part, embeds, positions, ln, expandNeurons, remainder, neurons);
    }

    /** These up to what the layer's MLP reads. */
    public StackOptions withMlpInput() {
        return new StackOptions(layer, mids, true, part, embeds, positions, ln, expandNeurons, remainder, neurons);
    }

    /** These of another part. */
    public StackOptions withPart(Part other) {
        return new StackOptions(layer, mids, mlpInput, other, embeds, positions, ln, expandNeurons, remainder, neurons);
    }

    /** These without the embeddings. */
    public StackOptions withoutEmbeds() {
        return new StackOptions(layer, mids, mlpInput, part, false, positions, ln, expandNeurons, remainder, neurons);
    }

    /** These at other positions. */
    public StackOptions withPositions(Slice others) {
        return new StackOptions(layer, mids, mlpInput, part, embeds, others, ln, expandNeurons, remainder, neurons);
    }

    /** These divided as {@link Ln#USUAL} says. */
    public StackOptions withLn() {
        return withLn(Ln.USUAL);
    }

    /** These divided by something else. */
    public StackOptions withLn(Ln other) {
        return new StackOptions(
                layer, mids, mlpInput, part, embeds, positions, other, expandNeurons, remainder, neurons);
    }

    /** These with every MLP as one component. */
    public StackOptions withWholeMlps() {
        return new StackOptions(layer, mids, mlpInput, part, embeds, positions, ln, false, remainder, neurons);
    }

    /** These with what is missing to the stream as a last component. */
    public StackOptions withRemainder() {
        return new StackOptions(layer, mids, mlpInput, part, embeds, positions, ln, expandNeurons, true, neurons);
    }

    /** These of some neurons of every layer. */
    public StackOptions withNeurons(Slice some) {
        return new StackOptions(layer, mids, mlpInput, part, embeds, positions, ln, expandNeurons, remainder, some);
    }

    /** The options that not every decomposition has, and that are not as they are by default. */
    Set<Decomposition.Choice> made() {
        Set<Decomposition.Choice> made = EnumSet.noneOf(Decomposition.Choice.class);
        add(made, mids, Decomposition.Choice.MIDS);
        add(made, mlpInput, Decomposition.Choice.MLP_INPUT);
        add(made, part != Part.BOTH, Decomposition.Choice.PART);
        add(made, !embeds, Decomposition.Choice.EMBEDS);
        add(made, !expandNeurons, Decomposition.Choice.EXPAND_NEURONS);
        add(made, remainder, Decomposition.Choice.REMAINDER);
        add(made, !(neurons instanceof Slice.All), Decomposition.Choice.NEURONS);
        return made;
    }

    private static void add(Set<Decomposition.Choice> made, boolean is, Decomposition.Choice choice) {
        if (is) {
            made.add(choice);
        }
    }
}
