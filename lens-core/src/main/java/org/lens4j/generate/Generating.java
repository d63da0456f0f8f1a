package org.lens4j.generate;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.lens4j.error.InterruptedRunException;
import org.lens4j.error.RangeException;
import org.lens4j.error.StateException;
import org.lens4j.model.HookedTransformer;
import org.lens4j.model.KvCache;
import org.lens4j.text.PaddingSide;
import org.lens4j.text.Tokenizer;
import org.lens4j.text.Tokens;

/**
 * One generation, step by step. All rows grow by one column in each step; a row that has ended gets padding there, which its
 * own later columns do not see.
 */
final class Generating {
    private final HookedTransformer model;
    private final GenerateOptions options;
    private final GenerateListener listener;
    private final List<Integer> ends;
    private final long filler;
    private final List<OpenRow> rows;
    private final List<List<Long>> ids;
    private final List<List<Boolean>> attended;
    private final LastLogits lastLogits;

    Generating(HookedTransformer model, Tokens given, GenerateOptions options, GenerateListener listener) {
        this.model = model;
        this.options = options;
        this.listener = listener;
        this.ends = options.ends().orElse(model.config().eosTokenIds());
        this.filler = ends.stream()
                .filter(it -> it < model.config().dVocab())
                .findFirst()
                .orElse(0);
        Tokens prompt = onTheLeft(given);
        model.check(prompt);
        options.steering().forEach(it -> it.requireFit(model));
        Optional<Tokenizer> tokenizer =
                Optional.of(model).filter(HookedTransformer::hasTokenizer).map(HookedTransformer::tokenizer);
        this.rows = IntStream.range(0, prompt.batch())
                .mapToObj(row -> new OpenRow(row, real(prompt, row), tokenizer, options))
                .toList();
        this.ids = new ArrayList<>();
        this.attended = new ArrayList<>();
        for (int row = 0; row < prompt.batch(); row++) {
            int sequence = row;
            ids.add(new ArrayList<>(prompt.ids(row)));
            attended.add(new ArrayList<>(IntStream.range(0, prompt.pos())
                    .mapToObj(pos -> prompt.isAttended(sequence, pos))
                    .toList()));
        }
        this.lastLogits = new LastLogits(model, options);
    }

    private static List<Long> real(Tokens tokens, int row) {
        return IntStream.range(0, tokens.pos())
                .filter(pos -> tokens.isAttended(row, pos))
                .mapToObj(tokens.ids(row)::get)
                .toList();
    }

    private Tokens onTheLeft(Tokens given) {
        long[][] sequences = IntStream.range(0, given.batch())
                .mapToObj(row ->
                        real(given, row).stream().mapToLong(Long::longValue).toArray())
                .toArray(long[][]::new);
        return Tokens.padded(PaddingSide.LEFT, filler, sequences);
    }

    Generation run() {
        try (KvCache own = new KvCache()) {
            Optional<KvCache> past =
                    options.remembering() ? Optional.of(options.past().orElse(own)) : Optional.empty();
            long before = past.map(KvCache::length).orElse(0L);
            List<Integer> remembered = IntStream.range(0, rows.size())
                    .mapToObj(row ->
                            past.map(it -> Math.toIntExact(it.length(row))).orElse(0))
                    .toList();
            Feed feed = new Feed(before, remembered, columns());
            boolean unread = write(feed, past);
            if (options.past().isPresent()
                    && unread
                    && before + columns() <= model.config().nCtx()) {
                feed.read(past);
            }
        }
        Tokens all = tokens(0);
        return Generation.of(model.hasTokenizer() ? all.withStrings(model.tokenizer()) : all, rows);
    }

    /**
     * Writes until every row has ended.
     *
     * @return whether the last column was not read by the model
     */
    private boolean write(Feed feed, Optional<KvCache> past) {
        boolean unread = false;
        while (rows.stream().anyMatch(OpenRow::isOpen)) {
            if (Thread.currentThread().isInterrupted() || listener.stops()) {
                endAll(StopReason.INTERRUPTED);
            } else if (feed.before + columns() > model.config().nCtx()) {
                if (!unread) {
                    throw new RangeException(
                            "%d tokens are remembered and %d follow, and %s reads at most %d in all (n_ctx). Start a new KvCache."
                                    .formatted(
                                            feed.before,
                                            columns(),
                                            model.name(),
                                            model.config().nCtx()));
                }
                endAll(StopReason.CONTEXT);
            } else {
                List<float[][]> logits = new ArrayList<>();
                if (InterruptedRunException.completes(() -> logits.add(feed.read(past)))) {
                    step(logits.get(0));
                    unread = true;
                }
            }
        }
        return unread;
    }

    private void endAll(StopReason why) {
        rows.stream().filter(OpenRow::isOpen).forEach(it -> it.end(why, listener));
    }

    private void step(float[][] logits) {
        for (int row = 0; row < rows.size(); row++) {
            boolean open = rows.get(row).isOpen();
            ids.get(row).add(open ? rows.get(row).next(logits[row], ends, options, listener) : filler);
            attended.get(row).add(open);
        }
    }

    private int columns() {
        return ids.get(0).size();
    }

    /** What was read and written, from a column on. */
    private Tokens tokens(int from) {
        long[][] sequences = ids.stream()
                .map(row -> row.subList(from, row.size()).stream()
                        .mapToLong(Long::longValue)
                        .toArray())
                .toArray(long[][]::new);
        boolean[][] real = new boolean[rows.size()][columns() - from];
        for (int row = 0; row < real.length; row++) {
            for (int column = 0; column < real[row].length; column++) {
                real[row][column] = attended.get(row).get(from + column);
            }
        }
        return Tokens.of(sequences).withAttended(real);
    }

    /** What the model has read so far. */
    private final class Feed {
        private final long before;
        private final List<Integer> remembered;
        private final int prompt;
        private int read;

        Feed(long before, List<Integer> remembered, int prompt) {
            this.before = before;
            this.remembered = remembered;
            this.prompt = prompt;
        }

        /** Lets the model read what it has not, or all of it where nothing is remembered; gives the last column's logits. */
        float[][] read(Optional<KvCache> past) {
            int from = past.isPresent() ? read : 0;
            read = columns();
            float[][] logits = lastLogits.of(tokens(from), stands(from), past);
            past.filter(it -> it.length() != before + read).ifPresent(it -> {
                throw new StateException(
                        "The key-value cache took nothing in: it is frozen, and writing needs what was written before. Call unfreeze().");
            });
            return logits;
        }

        private Steering.Columns stands(int from) {
            List<List<Integer>> positions = new ArrayList<>();
            List<Integer> prompts = new ArrayList<>();
            for (int row = 0; row < rows.size(); row++) {
                int next = remembered.get(row);
                List<Integer> own = new ArrayList<>();
                for (int column = 0; column < columns(); column++) {
                    if (column == prompt) {
                        prompts.add(next);
                    }
                    own.add(attended.get(row).get(column) ? next++ : -1);
                }
                if (columns() == prompt) {
                    prompts.add(next);
                }
                positions.add(own.subList(from, own.size()));
            }
            return new Steering.Columns(positions, prompts);
        }
    }
}
