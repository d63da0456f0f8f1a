package org.lens4j.config;

import java.util.List;

/**
 * The shape of a transformer: everything the forward pass needs besides the parameters. TransformerLens:
 * {@code HookedTransformerConfig}; the names are its names in Java case.
 *
 * <pre>{@code
 * ModelConfig.of("Mine", new Sizes(2, 32, 97, 64), new PositionEmbedding.Learned(),
 *         Norms.layerNorm(1e-5f), Attention.of(2, 4, 8), new Mlp.Plain(128, Activation.GELU));
 * }</pre>
 *
 * @param family the architecture, as config.json names it, for example {@code GPT2LMHeadModel}
 * @param sizes of the axes all parts share
 * @param positions how the model knows where a token stands
 * @param norms the layer norms
 * @param attention of every block
 * @param mlp of every block
 * @param parallel whether attention and MLP read the same residual stream and both add to it, instead of one after the other
 * @param logitSoftcap what logits are squeezed below by {@code cap * tanh(x / cap)}; 0 for not at all
 * @param bosTokenId the token put before a text, or -1 if the model takes texts without one
 * @param stacks which stacks of blocks it has; with two, the rest describes the first
 * @param eosTokenIds tokens that end a text when a model says one; empty if none is known
 */
public record ModelConfig(
        String family,
        Sizes sizes,
        PositionEmbedding positions,
        Norms norms,
        Attention attention,
        Mlp mlp,
        boolean parallel,
        float logitSoftcap,
        int bosTokenId,
        Stacks stacks,
        List<Integer> eosTokenIds) {

    private static final int MOST_EXPERTS = 100_000;

    /** Checks what concerns more than one part; copies the list. */
    public ModelConfig {
        eosTokenIds = List.copyOf(eosTokenIds);
        if (attention.spans().size() != sizes.nLayers()) {
            throw new IllegalArgumentException("%d layers need %d attention spans, got %d."
                    .formatted(
                            sizes.nLayers(), sizes.nLayers(), attention.spans().size()));
        }
        if (positions instanceof PositionEmbedding.Rotary rotary && rotary.dim() > attention.dHead()) {
            throw new IllegalArgumentException("%d dimensions of each head cannot be rotated: d_head is %d."
                    .formatted(rotary.dim(), attention.dHead()));
        }
        if (parallel && mlp instanceof Mlp.None) {
            throw new IllegalArgumentException("A model without MLPs has nothing to run in parallel with attention.");
        }
        if (mlp instanceof Mlp.Experts mixture && (long) sizes.nLayers() * mixture.experts() > MOST_EXPERTS) {
            throw new IllegalArgumentException("%d layers of %d experts are more than any model has (%d in all)."
                    .formatted(sizes.nLayers(), mixture.experts(), MOST_EXPERTS));
        }
        Checks.notNegative("logitSoftcap", logitSoftcap);
    }

    /** A model whose parts follow one another, without softcap and without a token before texts. */
    public static ModelConfig of(
            String family, Sizes sizes, PositionEmbedding positions, Norms norms, Attention attention, Mlp mlp) {
        return new ModelConfig(
                family, sizes, positions, norms, attention, mlp, false, 0, -1, new Stacks.Decoder(), List.of());
    }

    /** This under another name of its architecture. */
    public ModelConfig withFamily(String name) {
        return new ModelConfig(
                name, sizes, positions, norms, attention, mlp, parallel, logitSoftcap, bosTokenId, stacks, eosTokenIds);
    }

    /** This with another token before texts; -1 for none. */
    public ModelConfig withBos(int token) {
        return new ModelConfig(
                family, sizes, positions, norms, attention, mlp, parallel, logitSoftcap, token, stacks, eosTokenIds);
    }

    /** This with other tokens that end a text; none for a model that never ends one. */
    public ModelConfig withEos(List<Integer> tokens) {
        return new ModelConfig(
                family, sizes, positions, norms, attention, mlp, parallel, logitSoftcap, bosTokenId, stacks, tokens);
    }

    /** This with attention and MLP side by side, or not. */
    public ModelConfig withParallel(boolean sideBySide) {
        return new ModelConfig(
                family,
                sizes,
                positions,
                norms,
                attention,
                mlp,
                sideBySide,
                logitSoftcap,
                bosTokenId,
                stacks,
                eosTokenIds);
    }

    /** This with squeezed logits; 0 for not. */
    public ModelConfig withLogitSoftcap(float cap) {
        return new ModelConfig(
                family, sizes, positions, norms, attention, mlp, parallel, cap, bosTokenId, stacks, eosTokenIds);
    }

    /** This built of other stacks. */
    public ModelConfig withStacks(Stacks other) {
        return new ModelConfig(
                family,
                sizes,
                positions,
                norms,
                attention,
                mlp,
                parallel,
                logitSoftcap,
                bosTokenId,
                other,
                eosTokenIds);
    }

    /**
     * The shape of the stack that says a text: the second one of two, whose positions see only what is before them; of one,
     * the model itself.
     */
    public ModelConfig decoder() {
        if (!(stacks instanceof Stacks.EncoderDecoder pair)) {
            return this;
        }
        Sizes own = new Sizes(pair.decoderLayers(), sizes.dModel(), sizes.dVocab(), sizes.dVocabOut(), sizes.nCtx());
        return new ModelConfig(
                family,
                own,
                positions,
                norms,
                attention.causalIn(own.nLayers()),
                mlp,
                parallel,
                logitSoftcap,
                bosTokenId,
                stacks,
                eosTokenIds);
    }

    /** Blocks; of two stacks, the first one's. */
    public int nLayers() {
        return sizes.nLayers();
    }

    /** Width of the residual stream. */
    public int dModel() {
        return sizes.dModel();
    }

    /** Tokens a model can read. */
    public int dVocab() {
        return sizes.dVocab();
    }

    /** Tokens a model can say; nearly always {@link #dVocab}. */
    public int dVocabOut() {
        return sizes.dVocabOut();
    }

    /** Most positions a run may have. */
    public int nCtx() {
        return sizes.nCtx();
    }

    /** Attention heads in each block. */
    public int nHeads() {
        return attention.nHeads();
    }

    /** Heads that keys and values have; fewer than {@link #nHeads} with grouped queries. */
    public int nKvHeads() {
        return attention.nKvHeads();
    }

    /** Width of one head. */
    public int dHead() {
        return attention.dHead();
    }

    /** Neurons in each MLP, 0 without MLPs. */
    public int dMlp() {
        return mlp.dMlp();
    }

    /** Added to the variance by every layer norm. */
    public float eps() {
        return norms.eps();
    }

    /** The non-linearity of the MLPs. */
    public Activation activation() {
        return mlp.activation();
    }

    /**
     * What this layer's attention scores are divided by.
     *
     * @param layer from 0
     */
    public float attnScale(int layer) {
        return attention.scaledByLayer() ? attention.scale() * (layer + 1) : attention.scale();
    }

    /** How far back each layer looks. */
    public List<AttentionSpan> spans() {
        return attention.spans();
    }
}
