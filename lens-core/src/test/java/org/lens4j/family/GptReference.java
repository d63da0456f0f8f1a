package org.lens4j.family;

import com.google.gson.JsonObject;
import java.util.function.DoubleUnaryOperator;

/**
 * The descendants of GPT as Hugging Face's modeling files compute them: OPT, StarCoder, SantaCoder, GPT-NeoX, Bloom. Reads
 * config.json and the checkpoint itself; shares nothing with the library.
 */
final class GptReference {
    /** Where a family's tensors are. */
    private record Names(
            String tokens,
            String blocks,
            String ln1,
            String out,
            String ln2,
            String up,
            String down,
            String last,
            String eps) {}

    private static final Names OPT = new Names(
            "model.decoder.embed_tokens",
            "model.decoder.layers.",
            "self_attn_layer_norm",
            "self_attn.out_proj",
            "final_layer_norm",
            "fc1",
            "fc2",
            "model.decoder.final_layer_norm",
            "-");
    private static final Names BIG_CODE = new Names(
            "transformer.wte",
            "transformer.h.",
            "ln_1",
            "attn.c_proj",
            "ln_2",
            "mlp.c_fc",
            "mlp.c_proj",
            "transformer.ln_f",
            "layer_norm_epsilon");
    private static final Names NEOX = new Names(
            "gpt_neox.embed_in",
            "gpt_neox.layers.",
            "input_layernorm",
            "attention.dense",
            "post_attention_layernorm",
            "mlp.dense_h_to_4h",
            "mlp.dense_4h_to_h",
            "gpt_neox.final_layer_norm",
            "layer_norm_eps");
    private static final Names BLOOM = new Names(
            "transformer.word_embeddings",
            "transformer.h.",
            "input_layernorm",
            "self_attention.dense",
            "post_attention_layernorm",
            "mlp.dense_h_to_4h",
            "mlp.dense_4h_to_h",
            "transformer.ln_f",
            "layer_norm_epsilon");

    private final JsonObject config;
    private final ImaginedCheckpoint weights;
    private final String architecture;
    private final Names names;
    private final boolean conv;
    private final int width;
    private final int nHeads;
    private final int dHead;

    GptReference(JsonObject config, ImaginedCheckpoint weights) {
        this.config = config;
        this.weights = weights;
        this.architecture = config.getAsJsonArray("architectures").get(0).getAsString();
        this.names = switch (architecture) {
            case "OPTForCausalLM" -> OPT;
            case "GPTNeoXForCausalLM" -> NEOX;
            case "BloomForCausalLM" -> BLOOM;
            default -> BIG_CODE;
        };
        this.conv = architecture.equals("GPT2LMHeadCustomModel");
        this.width = whole("hidden_size", "n_embd");
        this.nHeads = whole("num_attention_heads", "n_head");
        this.dHead = width / nHeads;
    }

    private boolean is(Names family) {
        return names.equals(family);
    }

    private int whole(String... keys) {
        for (String key : keys) {
            if (config.has(key)) {
                return config.get(key).getAsInt();
            }
        }
        throw new AssertionError(keys[0]);
    }

    /** {@code [pos][d_vocab]}. */
    double[][] logits(int... ids) {
        int vocabulary = whole("vocab_size");
        float[] table = weights.around0(names.tokens + ".weight", 0.6, vocabulary, width);
        double[][] h = new double[ids.length][width];
        for (int pos = 0; pos < ids.length; pos++) {
            for (int i = 0; i < width; i++) {
                h[pos][i] = table[ids[pos] * width + i] + position(pos, i);
            }
            h[pos] = is(BLOOM) ? norm(h[pos], "transformer.word_embeddings_layernorm") : h[pos];
        }
        for (int layer = 0; layer < whole("num_hidden_layers", "n_layer"); layer++) {
            block(h, layer);
        }
        float[] head = is(NEOX) ? weights.around0("embed_out.weight", 0.2, vocabulary, width) : table;
        double[][] logits = new double[ids.length][];
        for (int pos = 0; pos < ids.length; pos++) {
            logits[pos] = ReferenceMath.linear(norm(h[pos], names.last), head, new float[0]);
        }
        return logits;
    }

    private double position(int pos, int i) {
        if (is(OPT)) {
            int rows = whole("max_position_embeddings") + 2;
            return weights.around0("model.decoder.embed_positions.weight", 0.5, rows, width)[(pos + 2) * width + i];
        }
        return is(BIG_CODE)
                ? weights.around0("transformer.wpe.weight", 0.5, whole("n_positions"), width)[pos * width + i]
                : 0;
    }

    private void block(double[][] h, int layer) {
        String prefix = names.blocks + layer + ".";
        double[][] x = new double[h.length][];
        for (int pos = 0; pos < h.length; pos++) {
            x[pos] = norm(h[pos], prefix + names.ln1);
        }
        boolean parallel = is(NEOX) && config.get("use_parallel_residual").getAsBoolean();
        double[][] attended = attention(x, prefix, 1 / Math.sqrt(dHead) / divisor(layer));
        for (int pos = 0; pos < h.length; pos++) {
            double[] middle = ReferenceMath.sum(h[pos], attended[pos]);
            double[] read = norm(parallel ? h[pos] : middle, prefix + names.ln2);
            h[pos] = ReferenceMath.sum(middle, mlp(read, prefix));
        }
    }

    private double[] norm(double[] x, String name) {
        double eps = config.has(names.eps) ? config.get(names.eps).getAsDouble() : 1e-5;
        float[] offset = weights.around0(name + ".bias", 0.3, width);
        return ReferenceMath.layerNorm(x, weights.gain(name + ".weight", width), offset, eps);
    }

    private double[] projected(double[] x, String name, int out) {
        float[] bias = weights.around0(name + ".bias", 0.3, out);
        return conv
                ? ReferenceMath.conv1d(x, weights.around0(name + ".weight", 0.25, x.length, out), bias)
                : ReferenceMath.linear(x, weights.around0(name + ".weight", 0.25, out, x.length), bias);
    }

    private double[] mlp(double[] x, String prefix) {
        int neurons =
                switch (architecture) {
                    case "OPTForCausalLM" -> whole("ffn_dim");
                    case "GPTNeoXForCausalLM" -> whole("intermediate_size");
                    case "BloomForCausalLM" -> 4 * width;
                    default -> whole("n_inner");
                };
        String act = is(BLOOM)
                ? "bloom"
                : config.get(is(NEOX) ? "hidden_act" : "activation_function").getAsString();
        DoubleUnaryOperator function = ReferenceMath.activation(act);
        double[] active = ReferenceMath.each(projected(x, prefix + names.up, neurons), function);
        return projected(active, prefix + names.down, width);
    }

    private int divisor(int layer) {
        String key = "scale_attn_by_inverse_layer_idx";
        return conv && config.get(key).getAsBoolean() ? layer + 1 : 1;
    }

    private double[][] attention(double[][] x, String prefix, double scale) {
        double[][][][] qkv = new double[3][x.length][][];
        for (int pos = 0; pos < x.length; pos++) {
            double[][][] one = heads(x[pos], prefix);
            for (int part = 0; part < 3; part++) {
                qkv[part][pos] = one[part];
            }
            if (is(NEOX)) {
                rotate(qkv[0][pos], pos);
                rotate(qkv[1][pos], pos);
            }
        }
        double[] slopes = is(BLOOM) ? slopes() : new double[0];
        double[][] mixed =
                new ReferenceMath.Attending(scale, 0, Integer.MAX_VALUE, slopes).heads(qkv[0], qkv[1], qkv[2]);
        for (int pos = 0; pos < x.length; pos++) {
            mixed[pos] = projected(mixed[pos], prefix + names.out, width);
        }
        return mixed;
    }

    /** Queries, keys and values, {@code [3][head][d]}. */
    private double[][][] heads(double[] x, String prefix) {
        if (is(OPT)) {
            return new double[][][] {
                split(projected(x, prefix + "self_attn.q_proj", width), 0, nHeads, dHead),
                split(projected(x, prefix + "self_attn.k_proj", width), 0, nHeads, dHead),
                split(projected(x, prefix + "self_attn.v_proj", width), 0, nHeads, dHead)
            };
        }
        if (conv) {
            double[] keyValue = projected(x, prefix + "attn.kv_attn", 2 * dHead);
            return new double[][][] {
                split(projected(x, prefix + "attn.q_attn", width), 0, nHeads, dHead),
                split(keyValue, 0, 1, dHead),
                split(keyValue, dHead, 1, dHead)
            };
        }
        if (is(BIG_CODE) && config.get("multi_query").getAsBoolean()) {
            double[] all = projected(x, prefix + "attn.c_attn", width + 2 * dHead);
            return new double[][][] {
                split(all, 0, nHeads, dHead), split(all, width, 1, dHead), split(all, width + dHead, 1, dHead)
            };
        }
        String fused = is(BIG_CODE)
                ? "attn.c_attn"
                : is(NEOX) ? "attention.query_key_value" : "self_attention.query_key_value";
        double[] all = projected(x, prefix + fused, 3 * width);
        double[][][] qkv = new double[3][][];
        for (int part = 0; part < 3; part++) {
            qkv[part] = split(all, part * dHead, nHeads, 3 * dHead);
        }
        return qkv;
    }

    private double[][] split(double[] x, int from, int heads, int stride) {
        double[][] split = new double[heads][];
        for (int head = 0; head < heads; head++) {
            split[head] = ReferenceMath.slice(x, from + head * stride, dHead);
        }
        return split;
    }

    private void rotate(double[][] heads, int pos) {
        int dim = (int) (dHead * config.get("rotary_pct").getAsDouble());
        double base = config.get("rotary_emb_base").getAsDouble();
        double[] frequencies = new double[dim / 2];
        for (int i = 0; i < frequencies.length; i++) {
            frequencies[i] = 1 / Math.pow(base, 2.0 * i / dim);
        }
        for (int head = 0; head < heads.length; head++) {
            heads[head] = ReferenceMath.rotated(heads[head], pos, frequencies);
        }
    }

    /** build_alibi_tensor of modeling_bloom.py. */
    private double[] slopes() {
        int closest = (int) Math.pow(2, Math.floor(Math.log(nHeads) / Math.log(2)));
        double base = Math.pow(2, -Math.pow(2, -(Math.log(closest) / Math.log(2) - 3)));
        double extra = Math.pow(2, -Math.pow(2, -(Math.log(2 * closest) / Math.log(2) - 3)));
        double[] slopes = new double[nHeads];
        for (int head = 0; head < nHeads; head++) {
            slopes[head] = head < closest ? Math.pow(base, head + 1) : Math.pow(extra, 1 + 2 * (head - closest));
        }
        return slopes;
    }
}
