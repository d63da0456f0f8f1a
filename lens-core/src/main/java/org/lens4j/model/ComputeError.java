package org.lens4j.model;

import java.util.Locale;
import org.lens4j.text.Tokens;

/**
 * How far the log-probabilities of a text's own tokens are from those of another way to compute them.
 *
 * <pre>{@code
 * try (HookedTransformer fast = model.computing(ComputeType.BFLOAT16)) {
 *     System.out.println(ComputeError.between(model, fast, tokens));
 * }
 * }</pre>
 *
 * @param mean of the absolute differences, nats
 * @param most of them, nats
 * @param tokens how many were compared
 */
public record ComputeError(double mean, double most, int tokens) {
    /**
     * Runs both on the same text.
     *
     * @param tokens at least two positions; padding does not count
     */
    public static ComputeError between(HookedTransformer exact, HookedTransformer other, Tokens tokens) {
        float[][] right = NextTokenLoss.each(exact, tokens);
        float[][] close = NextTokenLoss.each(other, tokens);
        double sum = 0;
        double most = 0;
        int count = 0;
        for (int row = 0; row < right.length; row++) {
            for (int pos = 0; pos < right[row].length; pos++) {
                if (tokens.isAttended(row, pos) && tokens.isAttended(row, pos + 1)) {
                    double apart = Math.abs(right[row][pos] - close[row][pos]);
                    sum += apart;
                    most = Math.max(most, apart);
                    count++;
                }
            }
        }
        return new ComputeError(count == 0 ? 0 : sum / count, most, count);
    }

    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "log-probabilities of %,d tokens: %.4f nats off on average, %.4f at most",
                tokens,
                mean,
                most);
    }
}
