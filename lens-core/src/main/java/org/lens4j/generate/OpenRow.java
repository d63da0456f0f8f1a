package org.lens4j.generate;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.lens4j.error.StateException;
import org.lens4j.text.Tokenizer;

/** One prompt while it is continued. */
final class OpenRow {
    private final int index;
    private final String prompt;
    private final List<Long> seen;
    private final WrittenText text;
    private final SplittableRandom random;
    private final List<Long> written = new ArrayList<>();
    private final List<Float> logProbs = new ArrayList<>();
    private Optional<StopReason> reason = Optional.empty();

    /** A row that goes on behind its prompt. */
    OpenRow(int index, List<Long> prompt, Optional<Tokenizer> tokenizer, GenerateOptions options) {
        this(index, text(prompt, tokenizer), prompt, tokenizer, options);
    }

    /**
     * A row whose prompt was read elsewhere.
     *
     * @param begun what stands before what is written, at least one token
     */
    OpenRow(int index, String prompt, List<Long> begun, Optional<Tokenizer> tokenizer, GenerateOptions options) {
        this.index = index;
        this.prompt = prompt;
        this.seen = new ArrayList<>(begun);
        this.text = new WrittenText(tokenizer, begun.get(begun.size() - 1), options.stops());
        this.random = options.sampler().random(index);
    }

    private static String text(List<Long> prompt, Optional<Tokenizer> tokenizer) {
        return tokenizer
                .map(it -> it.decode(prompt.stream().mapToLong(Long::longValue).toArray()))
                .orElseGet(() ->
                        String.join(" ", prompt.stream().map(Object::toString).toList()));
    }

    boolean isOpen() {
        return reason.isEmpty();
    }

    List<Long> written() {
        return written;
    }

    List<Float> logProbs() {
        return logProbs;
    }

    /**
     * Chooses the next token and tells it.
     *
     * @param logits {@code [d_vocab]}
     * @param ends tokens that end the row
     */
    long next(float[] logits, List<Integer> ends, GenerateOptions options, GenerateListener listener) {
        double total = logSumOfExponentials(logits);
        if (!Double.isFinite(total)) {
            throw new StateException(
                    "Row %d has logits that are not finite after %d new tokens. Look at the hooks and the steering: is a strength too great?"
                            .formatted(index, written.size()));
        }
        int token = options.sampler().next(logits, seen, random);
        float logProb = (float) (logits[token] - total);
        seen.add((long) token);
        written.add((long) token);
        logProbs.add(logProb);
        boolean ended = ends.contains(token);
        // The token that ends a text is no part of it.
        String fresh = ended ? "" : text.add(token);
        listener.token(new GenerateListener.Written(index, written.size() - 1, token, fresh, logProb));
        if (ended) {
            end(StopReason.END_OF_TEXT, listener);
        } else if (text.isStopped()) {
            end(StopReason.STOP_STRING, listener);
        } else if (written.size() == options.maxNewTokens()) {
            end(StopReason.LENGTH, listener);
        }
        return token;
    }

    void end(StopReason why, GenerateListener listener) {
        String rest = text.end();
        reason = Optional.of(text.isStopped() ? StopReason.STOP_STRING : why);
        listener.ended(index, rest, reason.get());
    }

    Generation.Row done() {
        return new Generation.Row(prompt, text.text(), written, reason.orElseThrow());
    }

    private static double logSumOfExponentials(float[] logits) {
        double most = Double.NEGATIVE_INFINITY;
        for (float logit : logits) {
            most = Math.max(most, logit);
        }
        double sum = 0;
        for (float logit : logits) {
            sum += Math.exp(logit - most);
        }
        return most + Math.log(sum);
    }
}
