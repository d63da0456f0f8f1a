package org.lens4j.analysis.residual;

import java.util.ArrayList;
import java.util.List;
import org.lens4j.config.ModelConfig;
import org.lens4j.config.PositionEmbedding;
import org.lens4j.error.RangeException;
import org.lens4j.error.UsageException;
import org.lens4j.hook.HookName;
import org.lens4j.hook.HookPoint;
import org.lens4j.model.HookedTransformer;
import org.lens4j.tensor.Slice;

/** Which sources a decomposition is made of. */
final class SourceList {
    private SourceList() {}

    /**
     * The sources of a decomposition, first to last.
     *
     * @throws RangeException if there is no such layer
     * @throws UsageException if there are no such components, or an option does nothing
     */
    static List<Source> of(Decomposition by, StackOptions options, Sources sources) {
        by.require(options);
        int layer = layer(options, sources.model());
        if (options.mlpInput() || options.mids()) {
            requireMids(options, sources.model());
        }
        return switch (by) {
            case ACCUMULATED -> accumulatedSources(layer, options, sources);
            case PARTS -> parts(layer, options, sources);
            case HEADS -> {
                List<Source> heads = new ArrayList<>();
                for (int l = 0; l < layer; l++) {
                    heads.add(sources.heads(l));
                }
                yield withRemainder(heads, layer, options, sources);
            }
            case NEURONS -> {
                List<Source> neurons = new ArrayList<>();
                for (int l = 0; l < layer; l++) {
                    neurons.add(sources.neurons(l, options.neurons()));
                }
                yield withRemainder(neurons, layer, options, sources);
            }
            case FULL -> everything(layer, options, sources);
        };
    }

    /**
     * Before which layer components end.
     *
     * @throws RangeException if there is no such layer
     */
    static int layer(StackOptions options, HookedTransformer model) {
        int nLayers = model.config().nLayers();
        int layer = options.layer().orElse(nLayers);
        int last = options.mlpInput() ? nLayers - 1 : nLayers;
        if (layer < 0 || layer > last) {
            throw new RangeException(
                    "What %s has written before layer %d%s is asked for; it has %d layers. Give 0 to %d%s."
                            .formatted(
                                    model.name(),
                                    layer,
                                    options.mlpInput() ? "'s MLP" : "",
                                    nLayers,
                                    last,
                                    options.mlpInput() ? "" : ", where %d is the end".formatted(nLayers)));
        }
        return layer;
    }

    private static void requireMids(StackOptions options, HookedTransformer model) {
        if (!HookPoint.RESID_MID.isIn(model.config())) {
            throw new UsageException("%s has no residual stream between attention and MLP: %s. Leave out %s."
                    .formatted(
                            model.name(),
                            model.config().parallel() ? "both read the same" : "it has no MLPs",
                            options.mids() ? "withMids()" : "withMlpInput()"));
        }
    }

    private static List<Source> accumulatedSources(int layer, StackOptions options, Sources sources) {
        int nLayers = sources.config().nLayers();
        List<Source> stream = new ArrayList<>();
        for (int l = 0; l <= layer; l++) {
            if (l == nLayers) {
                stream.add(sources.whole(new HookName(HookPoint.RESID_POST, l - 1), "final_post"));
                continue;
            }
            stream.add(sources.whole(new HookName(HookPoint.RESID_PRE, l), l + "_pre"));
            if (l < layer ? options.mids() : options.mlpInput()) {
                stream.add(sources.whole(new HookName(HookPoint.RESID_MID, l), l + "_mid"));
            }
        }
        return stream;
    }

    private static List<Source> parts(int layer, StackOptions options, Sources sources) {
        boolean attention = options.part() != StackOptions.Part.MLP;
        boolean mlp = options.part() != StackOptions.Part.ATTENTION && HookPoint.MLP_OUT.isIn(sources.config());
        List<Source> parts = new ArrayList<>(options.embeds() ? embeds(sources) : List.of());
        for (int l = 0; l < layer; l++) {
            if (attention) {
                parts.add(sources.whole(new HookName(HookPoint.ATTN_OUT, l), l + "_attn_out"));
            }
            if (mlp) {
                parts.add(sources.whole(new HookName(HookPoint.MLP_OUT, l), l + "_mlp_out"));
            }
        }
        if (options.mlpInput() && attention) {
            parts.add(sources.whole(new HookName(HookPoint.ATTN_OUT, layer), layer + "_attn_out"));
        }
        return parts;
    }

    private static List<Source> embeds(Sources sources) {
        List<Source> embeds = new ArrayList<>();
        embeds.add(sources.whole(new HookName(HookPoint.EMBED, HookName.NO_LAYER), "embed"));
        if (isInStream(sources.config())) {
            embeds.add(sources.whole(new HookName(HookPoint.POS_EMBED, HookName.NO_LAYER), "pos_embed"));
        }
        return embeds;
    }

    /** Whether position vectors are added to the residual stream. */
    private static boolean isInStream(ModelConfig config) {
        return config.positions() instanceof PositionEmbedding.Learned;
    }

    private static List<Source> everything(int layer, StackOptions options, Sources sources) {
        int attention = layer + (options.mlpInput() ? 1 : 0);
        boolean mlps = HookPoint.MLP_OUT.isIn(sources.config());
        List<Source> all = new ArrayList<>();
        for (int l = 0; l < attention; l++) {
            all.add(sources.heads(l));
        }
        for (int l = 0; mlps && l < layer; l++) {
            all.add(
                    options.expandNeurons()
                            ? sources.neurons(l, Slice.all())
                            : sources.whole(new HookName(HookPoint.MLP_OUT, l), l + "_mlp_out"));
        }
        all.addAll(embeds(sources));
        all.add(sources.biases(attention, options.expandNeurons() ? layer : 0));
        return all;
    }

    private static List<Source> withRemainder(List<Source> parts, int layer, StackOptions options, Sources sources) {
        if (!options.remainder()) {
            return parts;
        }
        List<Source> all = new ArrayList<>(parts);
        all.add(sources.remainder(stream(layer, sources.config()), parts));
        return all;
    }

    /** The stream before a layer, or at the end. */
    static HookName stream(int layer, ModelConfig config) {
        return layer == config.nLayers()
                ? new HookName(HookPoint.RESID_POST, layer - 1)
                : new HookName(HookPoint.RESID_PRE, layer);
    }
}
