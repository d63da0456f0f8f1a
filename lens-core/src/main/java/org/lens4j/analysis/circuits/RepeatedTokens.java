package org.lens4j.analysis.circuits;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.lens4j.config.ModelConfig;
import org.lens4j.error.RangeException;
import org.lens4j.model.HookedModel;
import org.lens4j.text.Tokenizer;
import org.lens4j.text.Tokens;

/**
 * Random tokens, some of them twice: text without meaning, in which only a copying head knows what comes next (Olsson et
 * al., 2022).
 *
 * <pre>{@code
 * Tokens tokens = RepeatedTokens.random(model.config(), 16, 60, 1);
 * Grid induction = HeadScores.induction(model, tokens);
 * }</pre>
 */
public final class RepeatedTokens {
    private static final int SHORTEST = 8;
    /** Enough for blocks of many lengths, and short enough for every model there is. */
    private static final int USUAL_LENGTH = 50;

    private static final Pattern WORD = Pattern.compile(" \\p{L}+");

    private RepeatedTokens() {}

    /**
     * Rows of the token that begins a text, a few random tokens, and a block of random tokens twice. No token of a row
     * stands in it for another reason. Every row draws how long its block is, so that neither a position nor a distance
     * tells what comes next: a block of one length in every row is learned and continued by position.
     *
     * @param config tells the vocabulary and the context
     * @param rows how many
     * @param length tokens in each row, 8 or more
     * @param seed the same seed gives the same tokens
     * @throws RangeException if a row is too short, longer than the context, or needs more tokens than there are
     */
    public static Tokens random(ModelConfig config, int rows, int length, long seed) {
        return random(config, IntStream.range(0, config.dVocab()).boxed().toList(), rows, length, seed);
    }

    /** {@link #random(ModelConfig, int, int, long)} of 50 tokens in each row, or as many as the model reads. */
    public static Tokens random(ModelConfig config, int rows, long seed) {
        return random(config, rows, Math.min(USUAL_LENGTH, Math.min(config.nCtx(), config.dVocab())), seed);
    }

    /**
     * {@link #random(ModelConfig, int, int, long)} with whole words: tokens that are a space and letters. Pieces of words and
     * beginnings of texts, which never stand where these rows have them, are left out.
     *
     * @param model whose tokenizer decides; the model is not run
     * @throws RangeException if a row is too short, longer than the context, or needs more words than the model has
     * @throws org.lens4j.error.StateException if the model has no tokenizer
     */
    public static Tokens words(HookedModel model, int rows, int length, long seed) {
        Tokenizer tokenizer = model.tokenizer();
        List<Integer> words = IntStream.range(0, model.config().dVocab())
                .filter(id -> WORD.matcher(tokenizer.decode(id)).matches())
                .boxed()
                .toList();
        return random(model.config(), words, rows, length, seed).withStrings(tokenizer);
    }

    /**
     * {@link #random(ModelConfig, int, int, long)} with tokens of a part of the vocabulary, for example its whole words.
     *
     * @param pool ids to draw from
     * @throws RangeException if a row is too short, longer than the context, or needs more tokens than the pool has
     */
    public static Tokens random(ModelConfig config, Collection<Integer> pool, int rows, int length, long seed) {
        int start = config.bosTokenId() < 0 ? 0 : 1;
        List<Integer> usable = new ArrayList<>(new TreeSet<>(pool));
        usable.remove((Integer) config.bosTokenId());
        if (length < SHORTEST || length > config.nCtx() || length - start > usable.size()) {
            throw new RangeException(
                    "Rows of %d repeated tokens were asked for; this model takes %d to %d (n_ctx %d, d_vocab %d)."
                            .formatted(
                                    length,
                                    SHORTEST,
                                    Math.min(config.nCtx(), usable.size() + start),
                                    config.nCtx(),
                                    config.dVocab()));
        }
        Random random = new Random(seed);
        long[][] sequences = new long[rows][length];
        for (long[] row : sequences) {
            if (start == 1) {
                row[0] = config.bosTokenId();
            }
            int longest = (length - start) / 2;
            int period = (longest + 1) / 2 + random.nextInt(longest - (longest + 1) / 2 + 1);
            Collections.shuffle(usable, random);
            for (int pos = start; pos < length; pos++) {
                row[pos] = pos < length - period ? usable.get(pos - start) : row[pos - period];
            }
        }
        return Tokens.of(sequences);
    }
}
