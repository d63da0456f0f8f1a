package org.lens4j.family;

import java.util.function.DoubleUnaryOperator;
import java.util.function.IntBinaryOperator;

/** What transformers are made of, as loops over arrays. */
final class ReferenceMath {
    private ReferenceMath() {}

    /** {@code y = W x + b}, W {@code [out in]} row-major; an empty b is none. */
    static double[] linear(double[] x, float[] w, float[] b) {
        int out = w.length / x.length;
        double[] y = new double[out];
        for (int o = 0; o < out; o++) {
            double sum = b.length == 0 ? 0 : b[o];
            for (int i = 0; i < x.length; i++) {
                sum += w[o * x.length + i] * x[i];
            }
            y[o] = sum;
        }
        return y;
    }

    /** {@code y = x W + b}, W {@code [in out]} row-major, as Hugging Face's Conv1D. */
    static double[] conv1d(double[] x, float[] w, float[] b) {
        int out = w.length / x.length;
        double[] y = new double[out];
        for (int o = 0; o < out; o++) {
            double sum = b[o];
            for (int i = 0; i < x.length; i++) {
                sum += x[i] * w[i * out + o];
            }
            y[o] = sum;
        }
        return y;
    }

    static double[] layerNorm(double[] x, float[] w, float[] b, double eps) {
        double mean = 0;
        for (double value : x) {
            mean += value / x.length;
        }
        double variance = 0;
        for (double value : x) {
            variance += (value - mean) * (value - mean) / x.length;
        }
        double[] y = new double[x.length];
        for (int i = 0; i < x.length; i++) {
            y[i] = (x[i] - mean) / Math.sqrt(variance + eps) * w[i] + b[i];
        }
        return y;
    }

    /**
     * Divided by the root of the mean square.
     *
     * @param plus what is added to the stored gain: 1 in Gemma
     */
    static double[] rmsNorm(double[] x, float[] w, double plus, double eps) {
        double square = 0;
        for (double value : x) {
            square += value * value / x.length;
        }
        double[] y = new double[x.length];
        for (int i = 0; i < x.length; i++) {
            y[i] = x[i] / Math.sqrt(square + eps) * (w[i] + plus);
        }
        return y;
    }

    static double[] sum(double[] x, double[] y) {
        double[] sum = new double[x.length];
        for (int i = 0; i < x.length; i++) {
            sum[i] = x[i] + y[i];
        }
        return sum;
    }

    static double[] each(double[] x, DoubleUnaryOperator function) {
        double[] y = new double[x.length];
        for (int i = 0; i < x.length; i++) {
            y[i] = function.applyAsDouble(x[i]);
        }
        return y;
    }

    static double[] product(double[] x, double[] y) {
        double[] product = new double[x.length];
        for (int i = 0; i < x.length; i++) {
            product[i] = x[i] * y[i];
        }
        return product;
    }

    static double[] slice(double[] x, int from, int length) {
        double[] y = new double[length];
        System.arraycopy(x, from, y, 0, length);
        return y;
    }

    /** The non-linearity Hugging Face calls by this name. */
    static DoubleUnaryOperator activation(String name) {
        return switch (name) {
            case "relu" -> x -> x > 0 ? x : 0;
            case "silu" -> x -> x / (1 + Math.exp(-x));
            case "gelu" -> x -> 0.5 * x * (1 + erf(x / Math.sqrt(2)));
            case "gelu_new", "gelu_fast", "gelu_pytorch_tanh", "bloom" ->
                x -> 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x)));
            default -> throw new AssertionError(name);
        };
    }

    /** By its series at 0, which is exact to 1e-9 where it is used. */
    private static double erf(double x) {
        if (Math.abs(x) > 4) {
            return Math.signum(x);
        }
        double term = x;
        double sum = x;
        for (int n = 1; n < 80; n++) {
            term *= -x * x / n;
            sum += term / (2 * n + 1);
        }
        return 2 / Math.sqrt(Math.PI) * sum;
    }

    static double[] softmax(double[] x) {
        double most = Double.NEGATIVE_INFINITY;
        for (double value : x) {
            most = Math.max(most, value);
        }
        double sum = 0;
        double[] y = new double[x.length];
        for (int i = 0; i < x.length; i++) {
            y[i] = Math.exp(x[i] - most);
            sum += y[i];
        }
        for (int i = 0; i < x.length; i++) {
            y[i] /= sum;
        }
        return y;
    }

    /** Turns the first {@code 2 * frequencies.length} numbers, i with i + half, as Hugging Face's rotate_half. */
    static double[] rotated(double[] head, int position, double[] frequencies) {
        double[] turned = head.clone();
        int half = frequencies.length;
        for (int i = 0; i < half; i++) {
            double cos = Math.cos(position * frequencies[i]);
            double sin = Math.sin(position * frequencies[i]);
            turned[i] = head[i] * cos - head[i + half] * sin;
            turned[i + half] = head[i + half] * cos + head[i] * sin;
        }
        return turned;
    }

    /**
     * Causal attention.
     *
     * @param scale scores are multiplied by
     * @param softcap 0 for none
     * @param window keys a query sees; large for all
     * @param slopes of the distance penalty; empty for none
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Attending(double scale, double softcap, int window, double[] slopes) {
        /**
         * Attends.
         *
         * @param q {@code [pos][head][d]}
         * @param k {@code [pos][kv head][d]}
         * @param v {@code [pos][kv head][d]}
         * @return heads side by side, {@code [pos][head * d]}
         */
        double[][] heads(double[][][] q, double[][][] k, double[][][] v) {
            int heads = q[0].length;
            int d = q[0][0].length;
            int share = heads / k[0].length;
            IntBinaryOperator at = (head, i) -> head * d + i;
            double[][] mixed = new double[q.length][heads * d];
            for (int pos = 0; pos < q.length; pos++) {
                int first = Math.max(0, pos - window + 1);
                for (int head = 0; head < heads; head++) {
                    double[] scores = new double[pos - first + 1];
                    for (int key = first; key <= pos; key++) {
                        double score = 0;
                        for (int i = 0; i < d; i++) {
                            score += q[pos][head][i] * k[key][head / share][i];
                        }
                        score *= scale;
                        score = softcap > 0 ? softcap * Math.tanh(score / softcap) : score;
                        scores[key - first] = slopes.length > 0 ? score + slopes[head] * key : score;
                    }
                    double[] pattern = softmax(scores);
                    for (int key = first; key <= pos; key++) {
                        for (int i = 0; i < d; i++) {
                            mixed[pos][at.applyAsInt(head, i)] += pattern[key - first] * v[key][head / share][i];
                        }
                    }
                }
            }
            return mixed;
        }
    }
}
