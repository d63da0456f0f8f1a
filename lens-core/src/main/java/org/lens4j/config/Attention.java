package org.lens4j.config;

import java.util.Collections;
import java.util.List;

/**
 * The attention of every block.
 *
 * @param nHeads queries
 * @param nKvHeads keys and values; divides nHeads
 * @param dHead width of one head
 * @param scale what scores are divided by; 1 for unscaled (GPT-Neo)
 * @param scaledByLayer whether they are also divided by layer + 1 (Stanford's GPT-2)
 * @param softcap what scores are squeezed below by {@code cap * tanh(x / cap)} (Gemma 2); 0 for not at all
 * @param qkNorm whether queries and keys of each head are RMS-normalised (Qwen 3, Gemma 3)
 * @param causal whether a position sees only itself and what is before it
 * @param spans how far back each layer looks, one for each layer
 */
public record Attention(
        int nHeads,
        int nKvHeads,
        int dHead,
        float scale,
        boolean scaledByLayer,
        float softcap,
        boolean qkNorm,
        boolean causal,
        List<AttentionSpan> spans) {
    /** Checks sizes and copies the spans. */
    public Attention {
        Checks.positive("nHeads", nHeads);
        Checks.positive("nKvHeads", nKvHeads);
        Checks.positive("dHead", dHead);
        Checks.positive("attention scale", scale);
        Checks.notNegative("attention softcap", softcap);
        if (nHeads % nKvHeads != 0) {
            throw new IllegalArgumentException(
                    "%d query heads cannot share %d key heads: the second must divide the first."
                            .formatted(nHeads, nKvHeads));
        }
        spans = List.copyOf(spans);
    }

    /** Causal attention over everything before, scaled by the square root of dHead, keys for every head. */
    public static Attention of(int nLayers, int nHeads, int dHead) {
        Checks.layers("nLayers", nLayers);
        return new Attention(
                nHeads,
                nHeads,
                dHead,
                (float) Math.sqrt(Math.max(1, dHead)),
                false,
                0,
                false,
                true,
                Collections.nCopies(nLayers, new AttentionSpan.Global()));
    }

    /** This with fewer keys and values than queries. */
    public Attention withKvHeads(int count) {
        return new Attention(nHeads, count, dHead, scale, scaledByLayer, softcap, qkNorm, causal, spans);
    }

    /** This with another divisor of scores. */
    public Attention withScale(double divisor) {
        return new Attention(nHeads, nKvHeads, dHead, (float) divisor, scaledByLayer, softcap, qkNorm, causal, spans);
    }

    /** This with scores divided by layer + 1 too, or not. */
    public Attention withScaledByLayer(boolean byLayer) {
        return new Attention(nHeads, nKvHeads, dHead, scale, byLayer, softcap, qkNorm, causal, spans);
    }

    /** This with squeezed scores; 0 for not. */
    public Attention withSoftcap(double cap) {
        return new Attention(nHeads, nKvHeads, dHead, scale, scaledByLayer, (float) cap, qkNorm, causal, spans);
    }

    /** This with normalised queries and keys. */
    public Attention withQkNorm() {
        return new Attention(nHeads, nKvHeads, dHead, scale, scaledByLayer, softcap, true, causal, spans);
    }

    /** This where every position sees every other. */
    public Attention withBothDirections() {
        return new Attention(nHeads, nKvHeads, dHead, scale, scaledByLayer, softcap, qkNorm, false, spans);
    }

    /** This where a position sees itself and everything before it, in so many layers. */
    Attention causalIn(int nLayers) {
        return new Attention(
                nHeads,
                nKvHeads,
                dHead,
                scale,
                scaledByLayer,
                softcap,
                qkNorm,
                true,
                Collections.nCopies(nLayers, new AttentionSpan.Global()));
    }

    /** This with other spans, one for each layer. */
    public Attention withSpans(List<AttentionSpan> perLayer) {
        return new Attention(nHeads, nKvHeads, dHead, scale, scaledByLayer, softcap, qkNorm, causal, perLayer);
    }

    /** Whether several heads share keys and values. */
    public boolean grouped() {
        return nKvHeads != nHeads;
    }
}
