package org.lens4j.analysis.logits;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.lens4j.error.UsageException;
import org.lens4j.model.HookedEncoder;
import org.lens4j.model.Run;
import org.lens4j.text.Tokens;

/**
 * What an encoder says stands at the masked positions of a text.
 *
 * @param places the masked positions, first to last
 */
public record MaskedTokens(List<Place> places) {
    /** How BERT's vocabularies write the token that stands for an unknown one. */
    public static final String MASK = "[MASK]";

    /**
     * One masked position.
     *
     * @param pos from 0
     * @param top the candidates, likeliest first
     */
    public record Place(int pos, List<Prediction> top) {
        /** Copies the candidates. */
        public Place {
            top = List.copyOf(top);
        }
    }

    /** Copies the places. */
    public MaskedTokens {
        places = List.copyOf(places);
    }

    /**
     * Runs the model and reads every position that holds {@code [MASK]}.
     *
     * @param tokens the first sequence counts
     * @param count how many candidates, 1 to the size of the vocabulary
     * @throws UsageException if no position is masked
     * @throws org.lens4j.error.StateException if the model has no tokenizer, so that nobody knows the mask's id
     */
    public static MaskedTokens of(HookedEncoder model, Tokens tokens, int count) {
        return of(model, tokens, model.tokenizer().single(MASK), count);
    }

    /**
     * {@link #of(HookedEncoder, Tokens, int)} for a model without a tokenizer.
     *
     * @param mask the id of the token that masks
     */
    public static MaskedTokens of(HookedEncoder model, Tokens tokens, long mask, int count) {
        List<Integer> masked = IntStream.range(0, tokens.pos())
                .filter(pos -> tokens.ids(0).get(pos) == mask)
                .boxed()
                .toList();
        if (masked.isEmpty()) {
            throw new UsageException(
                    "\"%s\" has no %s (token %d), so there is nothing to fill in. Put one where a word is asked for."
                            .formatted(tokens.text(0), MASK, mask));
        }
        try (Run run = model.run(tokens)) {
            List<List<Prediction>> positions = TopTokens.of(model, run.logits(), count);
            List<Place> places = new ArrayList<>();
            masked.forEach(pos -> places.add(new Place(pos, positions.get(pos))));
            return new MaskedTokens(places);
        }
    }
}
