package org.lens4j.config;

import java.util.List;

/**
 * The shape of a transformer: everything the forward pass needs besides the parameters. TransformerLens:
 * {@code HookedTransformerConfig}; the names are its names in Java case.
 *
 * @param family the architecture, as config.json names it, for example {@code GPT2LMHeadModel}
 * @param nLayers blocks
 * @param dModel width of the residual stream
 * @param nHeads attention heads in each block
 * @param dHead width of one head
 * @param dMlp neurons in each MLP
 * @param dVocab tokens in the vocabulary
 * @param nCtx most positions a run may have
 * @param activation of the MLP
 * @param eps added to the variance by every layer norm
 * @param attention how scores are scaled and how far back each layer looks
 * @param bosTokenId the token that begins a text, or -1 if the model has none
 */
public record ModelConfig(
        String family,
        int nLayers,
        int dModel,
        int nHeads,
        int dHead,
        int dMlp,
        int dVocab,
        int nCtx,
        Activation activation,
        float eps,
        Attention attention,
        int bosTokenId) {

    /**
     * How attention scores are made.
     *
     * @param scaled whether scores are divided by the square root of dHead (GPT-Neo does not)
     * @param scaledByLayer whether they are also divided by layer + 1 (Stanford's GPT-2 does)
     * @param spans how far back each layer looks, one for each layer
     */
    public record Attention(boolean scaled, boolean scaledByLayer, List<AttentionSpan> spans) {
        /** Copies the spans. */
        public Attention {
            spans = List.copyOf(spans);
        }
    }

    /** Checks that sizes are positive and that there is a span for every layer. */
    public ModelConfig {
        requirePositive("nLayers", nLayers);
        requirePositive("dModel", dModel);
        requirePositive("nHeads", nHeads);
        requirePositive("dHead", dHead);
        requirePositive("dMlp", dMlp);
        requirePositive("dVocab", dVocab);
        requirePositive("nCtx", nCtx);
        if (attention.spans().size() != nLayers) {
            throw new IllegalArgumentException("%d layers need %d attention spans, got %d."
                    .formatted(nLayers, nLayers, attention.spans().size()));
        }
    }

    /**
     * What this layer's attention scores are divided by.
     *
     * @param layer from 0
     */
    public float attnScale(int layer) {
        float scale = attention.scaled() ? (float) Math.sqrt(dHead) : 1f;
        return attention.scaledByLayer() ? scale * (layer + 1) : scale;
    }

    private static void requirePositive(String field, int value) {
        if (value < 1) {
            throw new IllegalArgumentException(field + " must be at least 1, not " + value + ".");
        }
    }
}
