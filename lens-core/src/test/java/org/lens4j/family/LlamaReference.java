package org.lens4j.family;

import com.google.gson.JsonObject;
import java.util.Set;
import java.util.function.DoubleUnaryOperator;

/**
 * The descendants of Llama as Hugging Face's modeling files compute them: Llama, Mistral, Mixtral, Qwen 2 and 3, Gemma 2 and 3,
 * StableLM. Reads config.json and the checkpoint itself; shares nothing with the library.
 */
final class LlamaReference {
    private static final float[] NONE = {};

    private final JsonObject config;
    private final ImaginedCheckpoint weights;
    private final String architecture;
    private final boolean gemma;
    private final boolean stable;
    private final int width;
    private final int nHeads;
    private final int nKeys;
    private final int dHead;

    LlamaReference(JsonObject config, ImaginedCheckpoint weights) {
        this.config = config;
        this.weights = weights;
        this.architecture = config.getAsJsonArray("architectures").get(0).getAsString();
        this.gemma = architecture.startsWith("Gemma");
        this.stable = architecture.startsWith("StableLm");
        this.width = config.get("hidden_size").getAsInt();
        this.nHeads = config.get("num_attention_heads").getAsInt();
        this.nKeys = (int) number("num_key_value_heads", nHeads);
        this.dHead = (int) number("head_dim", (double) width / nHeads);
    }

    private boolean has(String key) {
        return config.has(key) && !config.get(key).isJsonNull();
    }

    private double number(String key, double otherwise) {
        return has(key) ? config.get(key).getAsDouble() : otherwise;
    }

    private boolean truth(String key) {
        return has(key) && config.get(key).getAsBoolean();
    }

    /** {@code [pos][d_vocab]}. */
    double[][] logits(int... ids) {
        int vocabulary = config.get("vocab_size").getAsInt();
        float[] table = weights.around0("model.embed_tokens.weight", 0.6, vocabulary, width);
        double[][] h = new double[ids.length][width];
        for (int pos = 0; pos < ids.length; pos++) {
            for (int i = 0; i < width; i++) {
                h[pos][i] = table[ids[pos] * width + i] * (gemma ? Math.sqrt(width) : 1);
            }
        }
        for (int layer = 0; layer < config.get("num_hidden_layers").getAsInt(); layer++) {
            block(h, layer);
        }
        boolean tied = has("tie_word_embeddings") ? truth("tie_word_embeddings") : gemma;
        float[] head = tied ? table : weights.around0("lm_head.weight", 0.2, vocabulary, width);
        double cap = number("final_logit_softcapping", 0);
        double[][] logits = new double[ids.length][];
        for (int pos = 0; pos < ids.length; pos++) {
            double[] raw = ReferenceMath.linear(norm(h[pos], "model.norm"), head, NONE);
            logits[pos] = cap > 0 ? ReferenceMath.each(raw, x -> cap * Math.tanh(x / cap)) : raw;
        }
        return logits;
    }

    private void block(double[][] h, int layer) {
        String prefix = "model.layers." + layer + ".";
        double[][] x = new double[h.length][];
        for (int pos = 0; pos < h.length; pos++) {
            x[pos] = norm(h[pos], prefix + "input_layernorm");
        }
        double[][] attended = attention(x, layer, prefix + "self_attn.");
        boolean around = gemma && !architecture.equals("GemmaForCausalLM");
        for (int pos = 0; pos < h.length; pos++) {
            if (around) {
                h[pos] = ReferenceMath.sum(h[pos], norm(attended[pos], prefix + "post_attention_layernorm"));
                double[] written = mlp(norm(h[pos], prefix + "pre_feedforward_layernorm"), prefix);
                h[pos] = ReferenceMath.sum(h[pos], norm(written, prefix + "post_feedforward_layernorm"));
            } else if (truth("use_parallel_residual")) {
                h[pos] = ReferenceMath.sum(ReferenceMath.sum(h[pos], attended[pos]), mlp(x[pos], prefix));
            } else {
                h[pos] = ReferenceMath.sum(h[pos], attended[pos]);
                double[] written = mlp(norm(h[pos], prefix + "post_attention_layernorm"), prefix);
                h[pos] = ReferenceMath.sum(h[pos], written);
            }
        }
    }

    private double[] norm(double[] x, String name) {
        if (stable) {
            float[] offset = weights.around0(name + ".bias", 0.3, x.length);
            return ReferenceMath.layerNorm(
                    x, weights.gain(name + ".weight", x.length), offset, number("layer_norm_eps", 1e-5));
        }
        double eps = number("rms_norm_eps", 1e-6);
        return gemma
                ? ReferenceMath.rmsNorm(x, weights.around0(name + ".weight", 0.3, x.length), 1, eps)
                : ReferenceMath.rmsNorm(x, weights.gain(name + ".weight", x.length), 0, eps);
    }

    private double[] projected(double[] x, String name, int out, boolean bias) {
        float[] w = weights.around0(name + ".weight", 0.25, out, x.length);
        return ReferenceMath.linear(x, w, bias ? weights.around0(name + ".bias", 0.3, out) : NONE);
    }

    private double[][] attention(double[][] x, int layer, String prefix) {
        boolean everywhere = truth("attention_bias");
        boolean bias = everywhere || truth("use_qkv_bias") || architecture.startsWith("Qwen2");
        boolean qkNorm = architecture.startsWith("Qwen3") || architecture.startsWith("Gemma3");
        double[][][] q = new double[x.length][nHeads][];
        double[][][] k = new double[x.length][nKeys][];
        double[][][] v = new double[x.length][nKeys][];
        double[] frequencies = frequencies(layer);
        for (int pos = 0; pos < x.length; pos++) {
            double[] queries = projected(x[pos], prefix + "q_proj", nHeads * dHead, bias);
            double[] keys = projected(x[pos], prefix + "k_proj", nKeys * dHead, bias);
            double[] values = projected(x[pos], prefix + "v_proj", nKeys * dHead, bias);
            for (int head = 0; head < nHeads; head++) {
                double[] one = ReferenceMath.slice(queries, head * dHead, dHead);
                double[] normed = qkNorm ? norm(one, prefix + "q_norm") : one;
                q[pos][head] = ReferenceMath.rotated(normed, pos, frequencies);
            }
            for (int head = 0; head < nKeys; head++) {
                double[] one = ReferenceMath.slice(keys, head * dHead, dHead);
                double[] normed = qkNorm ? norm(one, prefix + "k_norm") : one;
                k[pos][head] = ReferenceMath.rotated(normed, pos, frequencies);
                v[pos][head] = ReferenceMath.slice(values, head * dHead, dHead);
            }
        }
        double scale = Math.pow(number("query_pre_attn_scalar", dHead), -0.5);
        int window = slides(layer) ? (int) number("sliding_window", 1e9) : Integer.MAX_VALUE;
        double[][] mixed = new ReferenceMath.Attending(
                        scale, number("attn_logit_softcapping", 0), window, new double[0])
                .heads(q, k, v);
        for (int pos = 0; pos < x.length; pos++) {
            mixed[pos] = projected(mixed[pos], prefix + "o_proj", width, everywhere);
        }
        return mixed;
    }

    private boolean slides(int layer) {
        return switch (architecture) {
            case "MistralForCausalLM", "MixtralForCausalLM" -> true;
            case "Gemma2ForCausalLM" -> layer % 2 == 0;
            case "Gemma3ForCausalLM" -> (layer + 1) % number("sliding_window_pattern", 6) != 0;
            case "Qwen2ForCausalLM", "Qwen3ForCausalLM" ->
                truth("use_sliding_window") && layer >= number("max_window_layers", 28);
            default -> false;
        };
    }

    /** inv_freq of Hugging Face's rotary embeddings. */
    private double[] frequencies(int layer) {
        boolean local = architecture.equals("Gemma3ForCausalLM") && slides(layer);
        double base = local ? number("rope_local_base_freq", 1e4) : number("rope_theta", 1e4);
        int dim = (int) (dHead * number("partial_rotary_factor", stable ? 0.25 : 1));
        double[] frequencies = new double[dim / 2];
        for (int i = 0; i < dim / 2; i++) {
            frequencies[i] = 1 / Math.pow(base, 2.0 * i / dim);
        }
        if (local || !has("rope_scaling")) {
            return frequencies;
        }
        JsonObject scaling = config.getAsJsonObject("rope_scaling");
        double factor = scaling.get("factor").getAsDouble();
        String type =
                scaling.get(scaling.has("rope_type") ? "rope_type" : "type").getAsString();
        if (type.equals("linear")) {
            return ReferenceMath.each(frequencies, x -> x / factor);
        }
        double low = scaling.get("low_freq_factor").getAsDouble();
        double high = scaling.get("high_freq_factor").getAsDouble();
        double old = scaling.get("original_max_position_embeddings").getAsDouble();
        return ReferenceMath.each(frequencies, x -> byParts(x, factor, low, high, old));
    }

    private static double byParts(double frequency, double factor, double low, double high, double old) {
        double wavelength = 2 * Math.PI / frequency;
        if (wavelength < old / high) {
            return frequency;
        }
        if (wavelength > old / low) {
            return frequency / factor;
        }
        double smooth = (old / wavelength - low) / (high - low);
        return (1 - smooth) * frequency / factor + smooth * frequency;
    }

    private double[] mlp(double[] x, String prefix) {
        int neurons = config.get("intermediate_size").getAsInt();
        String key = gemma ? "hidden_activation" : "hidden_act";
        DoubleUnaryOperator act = ReferenceMath.activation(config.get(key).getAsString());
        if (architecture.equals("MixtralForCausalLM")) {
            return mixture(x, prefix + "block_sparse_moe.", neurons, act);
        }
        return gated(x, new String[] {prefix + "mlp.gate_proj", prefix + "mlp.up_proj", prefix + "mlp.down_proj"}, act);
    }

    private double[] gated(double[] x, String[] gateUpDown, DoubleUnaryOperator act) {
        int neurons = config.get("intermediate_size").getAsInt();
        double[] gate = ReferenceMath.each(projected(x, gateUpDown[0], neurons, false), act);
        double[] up = projected(x, gateUpDown[1], neurons, false);
        return projected(ReferenceMath.product(gate, up), gateUpDown[2], width, false);
    }

    private double[] mixture(double[] x, String prefix, int neurons, DoubleUnaryOperator act) {
        int experts = config.get("num_local_experts").getAsInt();
        double[] shares = ReferenceMath.softmax(projected(x, prefix + "gate", experts, false));
        int[] best = best(shares, config.get("num_experts_per_tok").getAsInt());
        double sum = 0;
        for (int expert : best) {
            sum += shares[expert];
        }
        double[] written = new double[width];
        for (int expert = 0; expert < experts; expert++) {
            String name = prefix + "experts." + expert + ".";
            double[] one = gated(x, new String[] {name + "w1", name + "w3", name + "w2"}, act);
            if (neurons > 0 && contains(best, expert)) {
                double share = shares[expert] / sum;
                written = ReferenceMath.sum(written, ReferenceMath.each(one, it -> it * share));
            }
        }
        return written;
    }

    private static boolean contains(int[] list, int wanted) {
        return java.util.Arrays.stream(list).anyMatch(it -> it == wanted);
    }

    private static int[] best(double[] shares, int count) {
        Set<Integer> chosen = new java.util.LinkedHashSet<>();
        while (chosen.size() < count) {
            int best = -1;
            for (int i = 0; i < shares.length; i++) {
                if (!chosen.contains(i) && (best < 0 || shares[i] > shares[best])) {
                    best = i;
                }
            }
            chosen.add(best);
        }
        return chosen.stream().mapToInt(Integer::intValue).toArray();
    }
}
