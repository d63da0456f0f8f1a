package org.lens4j.analysis.logits;

import ai.djl.ndarray.NDArray;
import java.util.ArrayList;
import java.util.List;
import org.lens4j.config.ModelConfig;
import org.lens4j.tensor.Scope;
import org.lens4j.text.AnswerToken;

/**
 * What a lens looks for. Immutable.
 *
 * <pre>{@code
 * LensOptions.defaults().withMiddles().withTarget(model.answer(" Mary"))
 * }</pre>
 *
 * @param top how many of the likeliest tokens are kept at each place
 * @param middles whether it reads between attention and MLP too
 * @param targets tokens whose rank and probability are followed
 * @param translation what is made of the residual stream before it is read
 */
public record LensOptions(int top, boolean middles, List<Long> targets, Translation translation) {
    /** Copies the list. */
    public LensOptions {
        targets = List.copyOf(targets);
    }

    /** The likeliest five, before every block, as the residual stream is. */
    public static LensOptions defaults() {
        return new LensOptions(LogitLens.DEFAULT_TOP, false, List.of(), Translation.none());
    }

    /** Keeps so many of the likeliest tokens at each place, 1 to the size of the vocabulary. */
    public LensOptions withTop(int count) {
        return new LensOptions(count, middles, targets, translation);
    }

    /** Reads between attention and MLP too. TransformerLens: {@code incl_mid}. */
    public LensOptions withMiddles() {
        return new LensOptions(top, true, targets, translation);
    }

    /** Follows this token too. */
    public LensOptions withTarget(long token) {
        List<Long> all = new ArrayList<>(targets);
        all.add(token);
        return new LensOptions(top, middles, all, translation);
    }

    /** Follows this answer too. */
    public LensOptions withTarget(AnswerToken answer) {
        return withTarget(answer.id());
    }

    /** Reads through a tuned lens. */
    public LensOptions through(Translation other) {
        return new LensOptions(top, middles, targets, other);
    }

    /** The places it reads in a model. */
    List<ResidualPoint> points(ModelConfig config) {
        return middles ? ResidualPoint.withMiddles(config) : ResidualPoint.beforeBlocks(config);
    }

    /** What is read at a place; the last one is read as it is. */
    NDArray translated(ResidualPoint point, NDArray residual, Scope scope) {
        return point.isFinal() ? residual : translation.apply(point, residual, scope);
    }
}
