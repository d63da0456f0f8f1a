package org.lens4j.model;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.lens4j.weights.SafetensorsWriter;

/**
 * T5 in plain loops, from the paper and Hugging Face's description alone: reads a random checkpoint under Hugging Face's
 * names, one text after the other, and notes what TransformerLens's hooks would see. Shares no code with the library.
 */
final class T5Reference {
    private final int layers;
    private final int decoderLayers;
    private final int dModel;
    private final int heads;
    private final int dHead;
    private final int dMlp;
    private final int vocabulary;
    private final int buckets;
    private final int maxDistance;
    private final boolean gated;
    private final boolean tied;
    private final Map<String, float[]> weights = new LinkedHashMap<>();
    private final Map<String, long[]> shapes = new LinkedHashMap<>();
    private final Map<String, List<Double>> seen = new LinkedHashMap<>();
    private final Random random;

    /** A random model of the shape a config.json describes. */
    T5Reference(JsonObject config, long seed) {
        layers = config.get("num_layers").getAsInt();
        decoderLayers = config.get("num_decoder_layers").getAsInt();
        dModel = config.get("d_model").getAsInt();
        heads = config.get("num_heads").getAsInt();
        dHead = config.get("d_kv").getAsInt();
        dMlp = config.get("d_ff").getAsInt();
        vocabulary = config.get("vocab_size").getAsInt();
        buckets = config.get("relative_attention_num_buckets").getAsInt();
        maxDistance = config.has("relative_attention_max_distance")
                ? config.get("relative_attention_max_distance").getAsInt()
                : 128;
        gated = config.has("feed_forward_proj");
        tied = !config.has("tie_word_embeddings");
        random = new Random(seed);
        draw("shared.weight", 1, vocabulary, dModel);
        drawStack("encoder", layers, 1);
        drawStack("decoder", decoderLayers, 2);
        if (!tied) {
            draw("lm_head.weight", 0.3, vocabulary, dModel);
        }
    }

    private void drawStack(String stack, int count, int mlpLayer) {
        draw(stack + ".block.0.layer.0.SelfAttention.relative_attention_bias.weight", 1, buckets, heads);
        for (int layer = 0; layer < count; layer++) {
            String block = stack + ".block." + layer + ".layer.";
            for (int part = 0; part < mlpLayer; part++) {
                String attention = block + part + (part == 0 ? ".SelfAttention." : ".EncDecAttention.");
                draw(attention + "q.weight", 0.2, heads * dHead, dModel);
                draw(attention + "k.weight", 0.2, heads * dHead, dModel);
                draw(attention + "v.weight", 0.2, heads * dHead, dModel);
                draw(attention + "o.weight", 0.2, dModel, heads * dHead);
            }
            for (int norm = 0; norm <= mlpLayer; norm++) {
                draw(block + norm + ".layer_norm.weight", 1, dModel);
            }
            String mlp = block + mlpLayer + ".DenseReluDense.";
            for (String in : gated ? List.of("wi_0", "wi_1") : List.of("wi")) {
                draw(mlp + in + ".weight", 0.2, dMlp, dModel);
            }
            draw(mlp + "wo.weight", 0.2, dModel, dMlp);
        }
        draw(stack + ".final_layer_norm.weight", 1, dModel);
    }

    private void draw(String name, double spread, int... shape) {
        float[] values = new float[Arrays.stream(shape).reduce(1, Math::multiplyExact)];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (spread * random.nextGaussian());
        }
        weights.put(name, values);
        shapes.put(name, Arrays.stream(shape).asLongStream().toArray());
    }

    /** Writes the checkpoint as Hugging Face lays it out, the copies of the embedding that old files have too. */
    void write(Path directory, String configText) throws IOException {
        Map<String, SafetensorsWriter.Floats> tensors = new LinkedHashMap<>();
        weights.forEach((name, values) -> tensors.put(name, floats(name, values)));
        for (String copy : List.of("encoder.embed_tokens.weight", "decoder.embed_tokens.weight")) {
            tensors.put(copy, floats("shared.weight", weight("shared.weight")));
        }
        Files.createDirectories(directory);
        SafetensorsWriter.write(directory.resolve("model.safetensors"), tensors);
        Files.writeString(directory.resolve("config.json"), configText);
    }

    private SafetensorsWriter.Floats floats(String name, float[] values) {
        return new SafetensorsWriter.Floats(Objects.requireNonNull(shapes.get(name)), values);
    }

    private float[] weight(String name) {
        return Objects.requireNonNull(weights.get(name), name);
    }

    /**
     * Reads texts and says others.
     *
     * @param attended false at padding of the texts that are read
     * @return what every hook point sees, and {@code logits}, row-major with the texts side by side
     */
    Map<String, float[]> run(long[][] input, boolean[][] attended, long[][] said) {
        seen.clear();
        for (int text = 0; text < input.length; text++) {
            runOne(input[text], attended[text], said[text]);
        }
        Map<String, float[]> all = new LinkedHashMap<>();
        seen.forEach((name, values) -> {
            float[] flat = new float[values.size()];
            for (int i = 0; i < flat.length; i++) {
                flat[i] = values.get(i).floatValue();
            }
            all.put(name, flat);
        });
        return all;
    }

    private void runOne(long[] input, boolean[] attended, long[] said) {
        double[][] x = embed(input);
        note("hook_embed", x);
        for (int layer = 0; layer < layers; layer++) {
            String block = "encoder.block." + layer + ".layer.";
            String hook = "encoder." + layer + ".";
            note(hook + "hook_resid_pre", x);
            double[][] normed = norm(x, block + "0.layer_norm", hook + "ln1.");
            double[][] out = attend(
                    normed,
                    normed,
                    block + "0.SelfAttention.",
                    hook + "attn.",
                    (head, q, k) -> attended[k] ? bias("encoder", true, head, k - q) : Double.NEGATIVE_INFINITY);
            note(hook + "hook_attn_out", out);
            x = sum(x, out);
            note(hook + "hook_resid_mid", x);
            x = mlp(x, block + "1", hook, "ln2.");
        }
        double[][] memory = norm(x, "encoder.final_layer_norm", "encoder_final_ln.");
        logits(decode(embed(said), memory, attended));
    }

    private double[][] decode(double[][] embedded, double[][] memory, boolean[] attended) {
        double[][] x = embedded;
        for (int layer = 0; layer < decoderLayers; layer++) {
            String block = "decoder.block." + layer + ".layer.";
            String hook = "decoder." + layer + ".";
            note(hook + "hook_resid_pre", x);
            double[][] normed = norm(x, block + "0.layer_norm", hook + "ln1.");
            double[][] out = attend(
                    normed,
                    normed,
                    block + "0.SelfAttention.",
                    hook + "attn.",
                    (head, q, k) -> k <= q ? bias("decoder", false, head, k - q) : Double.NEGATIVE_INFINITY);
            note(hook + "hook_attn_out", out);
            x = sum(x, out);
            note(hook + "hook_resid_mid", x);
            double[][] crossed = attend(
                    norm(x, block + "1.layer_norm", hook + "ln2."),
                    memory,
                    block + "1.EncDecAttention.",
                    hook + "cross_attn.",
                    (head, q, k) -> attended[k] ? 0 : Double.NEGATIVE_INFINITY);
            note(hook + "hook_cross_attn_out", crossed);
            x = sum(x, crossed);
            note(hook + "hook_resid_mid_cross", x);
            x = mlp(x, block + "2", hook, "ln3.");
        }
        return norm(x, "decoder.final_layer_norm", "decoder_final_ln.");
    }

    private void logits(double[][] normed) {
        double factor = tied ? 1 / Math.sqrt(dModel) : 1;
        double[][] scaled = Arrays.stream(normed)
                .map(row -> Arrays.stream(row).map(it -> it * factor).toArray())
                .toArray(double[][]::new);
        note("logits", linear(scaled, tied ? "shared.weight" : "lm_head.weight", vocabulary));
    }

    private double[][] mlp(double[][] x, String part, String hook, String normHook) {
        double[][] normed = norm(x, part + ".layer_norm", hook + normHook);
        String dense = part + ".DenseReluDense.";
        double[][] pre = linear(normed, dense + (gated ? "wi_0" : "wi") + ".weight", dMlp);
        note(hook + "mlp.hook_pre", pre);
        double[][] post = new double[pre.length][dMlp];
        double[][] linear = gated ? linear(normed, dense + "wi_1.weight", dMlp) : pre;
        if (gated) {
            note(hook + "mlp.hook_pre_linear", linear);
        }
        for (int p = 0; p < post.length; p++) {
            for (int f = 0; f < dMlp; f++) {
                post[p][f] = gated ? geluTanh(pre[p][f]) * linear[p][f] : Math.max(0, pre[p][f]);
            }
        }
        note(hook + "mlp.hook_post", post);
        double[][] out = linear(post, dense + "wo.weight", dModel);
        note(hook + "hook_mlp_out", out);
        double[][] after = sum(x, out);
        note(hook + "hook_resid_post", after);
        return after;
    }

    private static double geluTanh(double x) {
        return 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x)));
    }

    /** What is added to a score; minus infinity where a key is hidden. */
    @FunctionalInterface
    private interface Added {
        double at(int head, int query, int key);
    }

    private double[][] attend(double[][] from, double[][] to, String part, String hook, Added added) {
        double[][] q = linear(from, part + "q.weight", heads * dHead);
        double[][] k = linear(to, part + "k.weight", heads * dHead);
        double[][] v = linear(to, part + "v.weight", heads * dHead);
        note(hook + "hook_q", q);
        note(hook + "hook_k", k);
        note(hook + "hook_v", v);
        double[][] z = new double[from.length][heads * dHead];
        for (int head = 0; head < heads; head++) {
            for (int query = 0; query < from.length; query++) {
                double[] scores = new double[to.length];
                for (int key = 0; key < to.length; key++) {
                    for (int d = head * dHead; d < (head + 1) * dHead; d++) {
                        scores[key] += q[query][d] * k[key][d];
                    }
                    scores[key] += added.at(head, query, key);
                }
                note(hook + "hook_attn_scores", scores);
                double[] pattern = softmax(scores);
                note(hook + "hook_pattern", pattern);
                for (int key = 0; key < to.length; key++) {
                    for (int d = head * dHead; d < (head + 1) * dHead; d++) {
                        z[query][d] += pattern[key] * v[key][d];
                    }
                }
            }
        }
        note(hook + "hook_z", z);
        return linear(z, part + "o.weight", dModel);
    }

    private static double[] softmax(double[] scores) {
        double most = Arrays.stream(scores).max().orElseThrow();
        double[] powers = Arrays.stream(scores).map(it -> Math.exp(it - most)).toArray();
        double sum = Arrays.stream(powers).sum();
        return Arrays.stream(powers).map(it -> it / sum).toArray();
    }

    /** The learned number for a key that stands so far behind the query. */
    private double bias(String stack, boolean bothWays, int head, int ahead) {
        int count = bothWays ? buckets / 2 : buckets;
        int offset = bothWays && ahead > 0 ? count : 0;
        int distance = bothWays ? Math.abs(ahead) : Math.max(0, -ahead);
        int exact = count / 2;
        int bucket = distance < exact
                ? distance
                : Math.min(
                        count - 1,
                        exact
                                + (int) (Math.log((double) distance / exact)
                                        / Math.log((double) maxDistance / exact)
                                        * (count - exact)));
        float[] table = weight(stack + ".block.0.layer.0.SelfAttention.relative_attention_bias.weight");
        return table[(offset + bucket) * heads + head];
    }

    private double[][] norm(double[][] x, String name, String hook) {
        float[] gain = weight(name + ".weight");
        double[][] out = new double[x.length][dModel];
        for (int p = 0; p < x.length; p++) {
            double scale =
                    Math.sqrt(Arrays.stream(x[p]).map(it -> it * it).average().orElseThrow() + 1e-6);
            note(hook + "hook_scale", scale);
            double[] normed = Arrays.stream(x[p]).map(it -> it / scale).toArray();
            note(hook + "hook_normalized", normed);
            for (int m = 0; m < dModel; m++) {
                out[p][m] = normed[m] * gain[m];
            }
        }
        return out;
    }

    private double[][] embed(long[] ids) {
        double[][] x = new double[ids.length][dModel];
        for (int p = 0; p < ids.length; p++) {
            for (int m = 0; m < dModel; m++) {
                x[p][m] = weight("shared.weight")[(int) ids[p] * dModel + m];
            }
        }
        return x;
    }

    private double[][] linear(double[][] x, String name, int out) {
        float[] w = weight(name);
        double[][] y = new double[x.length][out];
        for (int p = 0; p < x.length; p++) {
            for (int o = 0; o < out; o++) {
                for (int i = 0; i < x[p].length; i++) {
                    y[p][o] += x[p][i] * w[o * x[p].length + i];
                }
            }
        }
        return y;
    }

    private static double[][] sum(double[][] a, double[][] b) {
        double[][] sum = new double[a.length][a[0].length];
        for (int p = 0; p < a.length; p++) {
            for (int m = 0; m < a[p].length; m++) {
                sum[p][m] = a[p][m] + b[p][m];
            }
        }
        return sum;
    }

    private void note(String hook, double[][] rows) {
        Arrays.stream(rows).forEach(row -> note(hook, row));
    }

    private void note(String hook, double... values) {
        List<Double> all = seen.computeIfAbsent(hook, it -> new ArrayList<>());
        Arrays.stream(values).forEach(all::add);
    }
}
