package org.lens4j.harvest;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import org.lens4j.text.Tokenizer;

/**
 * Cuts documents into contexts, each in the model's frame. A context without a chosen token is left out. A window of contexts
 * after the other is taken from the corpus, and the contexts of a window are batched by length, as those that run together
 * are padded to the longest of them. What follows from a place is the same whether one came there by reading or began there.
 */
final class Contexts {
    private final CorpusReader corpus;
    private final Tokenizer tokenizer;
    private final Frame frame;
    private final HarvestOptions options;
    private final int length;
    /** Batches of a window: enough to find contexts of like length, few enough to stay small and near in the corpus. */
    static final int WINDOW = 16;

    private final Deque<Context> waiting = new ArrayDeque<>();
    private final Deque<Batch> window = new ArrayDeque<>();
    private int skipped;
    private int skippedBatches;
    private long taken;
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
        this.skippedBatches = from.batch();
        this.taken = from.tokens();
        this.run = from.tokens();
    }

    /** The next contexts, as many as are run at a time, fewer at the end of a window; empty behind the corpus. */
    Optional<Batch> next() throws IOException {
        if (window.isEmpty()) {
            fill();
        }
        Optional<Batch> next = Optional.ofNullable(window.poll());
        next.ifPresent(it -> run += it.tokens());
        return next;
    }

    private void fill() throws IOException {
        long before = taken;
        List<Context> contexts = new ArrayList<>();
        while (contexts.size() < options.batch() * WINDOW && !isOverLimit() && isFilled()) {
            Context next = waiting.remove();
            contexts.add(next);
            taken += next.ids().length;
        }
        if (contexts.isEmpty()) {
            return;
        }
        Place begin = Place.of(contexts.get(0), before);
        // Stable: contexts of one length stay in the order of the corpus.
        contexts.sort(Comparator.comparingInt(it -> it.ids().length));
        for (int from = 0; from < contexts.size(); from += options.batch()) {
            int to = Math.min(contexts.size(), from + options.batch());
            window.add(new Batch(contexts.subList(from, to), begin.at(window.size())));
        }
        for (; skippedBatches > 0; skippedBatches--) {
            run += window.remove().tokens();
        }
    }

    /** Tokens run so far. */
    long run() {
        return run;
    }

    /** Tokens of the window that are not run yet. */
    long ahead() {
        return taken - run;
    }

    private boolean isOverLimit() {
        return options.limit().isPresent() && taken >= options.limit().getAsLong();
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
                waiting.add(
                        new Context(document.number(), document.offset(), index, frame.around(text, from, to), rows));
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
