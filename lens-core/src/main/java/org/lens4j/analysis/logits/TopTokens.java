package org.lens4j.analysis.logits;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.lens4j.error.RangeException;
import org.lens4j.model.HookedModel;
import org.lens4j.tensor.Kernels;
import org.lens4j.tensor.Scope;

/** The likeliest tokens at each position, from logits to the heap. */
final class TopTokens {
    private TopTokens() {}

    /**
     * Ranks the tokens of the first sequence.
     *
     * @param model whose logits they are
     * @param logits {@code [batch pos d_vocab]}; stays with its owner
     * @param count how many at each position
     * @return for each position the likeliest, likeliest first
     * @throws RangeException if {@code count} is not between 1 and how many tokens the model says
     */
    static List<List<Prediction>> of(HookedModel model, NDArray logits, int count) {
        int vocabulary = model.config().dVocabOut();
        if (count < 1 || count > vocabulary) {
            throw new RangeException("%d tokens were asked for, and the vocabulary of %s has %d. Ask for 1 to %d."
                    .formatted(count, model.name(), vocabulary, vocabulary));
        }
        try (Scope scope = new Scope(logits.getManager())) {
            NDArray first = scope.adopt(logits.get(0));
            NDList best = first.topK(count, -1, true, true);
            float[] scores = best.get(0).toFloatArray();
            long[] ids = best.get(1).toLongArray();
            NDArray logProbs = Kernels.call("log_softmax", first);
            float[] chosen = logProbs.gather(best.get(1), 1).toFloatArray();
            List<List<Prediction>> positions = new ArrayList<>();
            for (int start = 0; start < ids.length; start += count) {
                List<Prediction> ranked = new ArrayList<>();
                for (int rank = 0; rank < count; rank++) {
                    int at = start + rank;
                    float probability = (float) Math.exp(chosen[at]);
                    ranked.add(new Prediction(rank, (int) ids[at], text(model, ids[at]), scores[at], probability));
                }
                positions.add(List.copyOf(ranked));
            }
            return positions;
        }
    }

    private static String text(HookedModel model, long id) {
        return Optional.of(model)
                .filter(HookedModel::hasTokenizer)
                .map(it -> it.tokenizer().string(id))
                .orElseGet(() -> Long.toString(id));
    }
}
