package org.lens4j.generate;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.lens4j.analysis.Axis;
import org.lens4j.analysis.Grid;
import org.lens4j.model.HookedEncoderDecoder;
import org.lens4j.model.HookedTransformer;
import org.lens4j.text.PaddingSide;
import org.lens4j.text.TokenLabels;
import org.lens4j.text.Tokens;

/**
 * What a model wrote. TransformerLens: {@code generate}.
 *
 * <pre>{@code
 * Generation written = Generation.of(model, "When Mary and John went to the store,", GenerateOptions.of(12));
 * System.out.println(written.text());
 * }</pre>
 *
 * @param tokens prompts and what was written, {@code [row pos]}: padding stands on the left, and a row that ended before the
 *     others is filled up with the token that ends a text, which is padding too
 * @param rows one for each prompt
 * @param logProbs natural logs of the written tokens' probabilities in the model, {@code [row step]}; {@code NaN} where a row
 *     had ended
 */
public record Generation(Tokens tokens, List<Row> rows, Grid logProbs) {
    /**
     * What one prompt became.
     *
     * @param prompt its text
     * @param text what was written, without the prompt; empty where the model has no tokenizer
     * @param ids tokens written, with the one that ended the text
     * @param reason why it ended
     */
    public record Row(String prompt, String text, List<Long> ids, StopReason reason) {
        /** Copies the list. */
        public Row {
            ids = List.copyOf(ids);
        }
    }

    /** Copies the list. */
    public Generation {
        rows = List.copyOf(rows);
    }

    /**
     * Continues a text.
     *
     * @throws org.lens4j.error.StateException if the model has no tokenizer
     */
    public static Generation of(HookedTransformer model, String prompt, GenerateOptions options) {
        return of(model, model.tokens(prompt), options, GenerateListener.none());
    }

    /** Continues several texts at once; none sees the others or the padding between them. */
    public static Generation of(HookedTransformer model, List<String> prompts, GenerateOptions options) {
        Tokens tokens = model.tokens(PaddingSide.LEFT, prompts.toArray(String[]::new));
        return of(model, tokens, options, GenerateListener.none());
    }

    /**
     * Continues tokens, and tells each token as it is chosen. Interrupted, it ends after the current step with what there is,
     * and the thread stays interrupted.
     *
     * @param tokens padding may stand on either side; it is moved to the left
     * @param listener told of every token, in order of rows within a step
     * @throws org.lens4j.error.RangeException if a prompt is longer than the model's context
     * @throws org.lens4j.error.StateException if the model's logits are not finite
     */
    public static Generation of(
            HookedTransformer model, Tokens tokens, GenerateOptions options, GenerateListener listener) {
        return new Generating(model, tokens, options, listener).run();
    }

    /**
     * Lets a model of two stacks say something about a text: a translation, a summary.
     *
     * @throws org.lens4j.error.StateException if the model has no tokenizer
     */
    public static Generation of(HookedEncoderDecoder model, String input, GenerateOptions options) {
        return of(model, model.tokens(input), options, GenerateListener.none());
    }

    /**
     * Lets a model of two stacks say something about texts, and tells each token as it is chosen; interrupted as others are. The
     * encoder reads once, the decoder each token once; {@link #tokens} are the decoder's, with its start token.
     *
     * @param input padding may stand on either side
     * @param listener told of every token, in order of rows within a step
     * @throws org.lens4j.error.UsageException for steering and a key-value cache of the caller's, which are for one stack
     * @throws org.lens4j.error.StateException if the model's logits are not finite
     */
    public static Generation of(
            HookedEncoderDecoder model, Tokens input, GenerateOptions options, GenerateListener listener) {
        return new Answering(model, input, options, listener).run();
    }

    static Generation of(Tokens tokens, List<OpenRow> rows) {
        int steps = rows.stream().mapToInt(it -> it.written().size()).max().orElse(0);
        float[] values = new float[rows.size() * steps];
        Arrays.fill(values, Float.NaN);
        for (int row = 0; row < rows.size(); row++) {
            for (int step = 0; step < rows.get(row).written().size(); step++) {
                values[row * steps + step] = rows.get(row).logProbs().get(step);
            }
        }
        List<String> written = tokens.strings(0).subList(tokens.pos() - steps, tokens.pos());
        Axis step = rows.size() == 1 ? new Axis("step", TokenLabels.labels(written)) : Axis.counted("step", steps);
        Grid logProbs = new Grid(
                "Log-probability of the written tokens",
                "nats",
                List.of(Axis.counted("row", rows.size()), step),
                values);
        List<Row> done = IntStream.range(0, rows.size())
                .mapToObj(row -> rows.get(row).done())
                .toList();
        return new Generation(tokens, done, logProbs);
    }

    /** What the first prompt became, without the prompt. */
    public String text() {
        return rows.get(0).text();
    }
}
