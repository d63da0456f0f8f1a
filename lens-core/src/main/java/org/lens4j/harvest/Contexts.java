package org.lens4j.harvest;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import org.lens4j.text.Tokenizer;

/**
 * Cuts documents into contexts, each in the model's frame, in the order of the corpus. A context without a chosen token is
 * left out. What follows from a place in the corpus is the same whether one came there by reading or began there.
 */
final class Contexts {
    private final CorpusReader corpus;
    private final Tokenizer tokenizer;
    private final Frame frame;
    private final HarvestOptions options;
    private final int length;
    private final Deque<Context> waiting = new ArrayDeque<>();
    private int skipped;
    private long run;

    /**
     * Contexts from a place on.
     *
     * @param corpus stands at the place's line
     * @param length most tokens of a context
     */
    Contexts(CorpusReader corpus, Tokenizer tokenizer, Frame frame, HarvestOptions options, int length, Place from) {
        this.corpus = corpus;
        this.tokenizer = tokenizer;
        this.frame = frame;
        this.options = options;
        this.length = length;
        this.skipped = from.context();
        this.run = from.tokens();
    }

    /** The next contexts, as many as are run at a time; fewer at the end, and none behind it. */
    List<Context> next() throws IOException {
        List<Context> batch = new ArrayList<>();
        while (batch.size() < options.batch() && !isOverLimit() && isFilled()) {
            Context next = waiting.remove();
            batch.add(new Context(next.document(), next.offset(), next.index(), next.ids(), next.rows(), run));
            run += next.ids().length;
        }
        return batch;
    }

    /** Tokens run so far. */
    long run() {
        return run;
    }

    private boolean isOverLimit() {
        return options.limit().isPresent() && run >= options.limit().getAsLong();
    }

    private boolean isFilled() throws IOException {
        while (waiting.isEmpty()) {
            Optional<CorpusReader.Document> document = corpus.next();
            if (document.isEmpty()) {
                return false;
            }
            cut(document.get());
        }
        return true;
    }

    private void cut(CorpusReader.Document document) {
        long[] text = tokenizer.encode(document.text());
        int first = skipped;
        skipped = 0;
        if (text.length == 0) {
            return;
        }
        int piece = length - frame.size();
        int pieces = (text.length + piece - 1) / piece;
        int around = options.special() ? frame.size() : 0;
        int[] chosen = options.positions().of(document.number(), Math.addExact(text.length, pieces * around));
        // Where a context's first row stands: behind its frame's beginning unless that becomes rows too.
        int start = options.special() ? 0 : frame.before().length;
        for (int index = first; index < pieces; index++) {
            int from = index * piece;
            int to = Math.min(text.length, from + piece);
            int base = index * (piece + around);
            int[] rows = within(chosen, base, to - from + around);
            for (int i = 0; i < rows.length; i++) {
                rows[i] += start;
            }
            if (rows.length > 0) {
                waiting.add(new Context(
                        document.number(), document.offset(), index, frame.around(text, from, to), rows, 0));
            }
        }
    }

    /** The chosen ones from {@code base} on, {@code count} at most, counted from there. */
    private static int[] within(int[] chosen, int base, int count) {
        return Arrays.stream(chosen, at(chosen, base), at(chosen, base + count))
                .map(it -> it - base)
                .toArray();
    }

    private static int at(int[] sorted, int value) {
        int found = Arrays.binarySearch(sorted, value);
        return found < 0 ? -found - 1 : found;
    }
}
