package org.lens4j.generate;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.lens4j.error.InterruptedRunException;
import org.lens4j.error.UsageException;
import org.lens4j.model.HookedEncoderDecoder;
import org.lens4j.model.Run;
import org.lens4j.model.RunOptions;
import org.lens4j.model.Saying;
import org.lens4j.text.Tokenizer;
import org.lens4j.text.Tokens;

/**
 * One generation of a model of two stacks, step by step: the input is read once, and what is said about it grows by one column
 * in each step. A row that has ended is filled up, and nothing reads it any more.
 */
final class Answering {
    private final HookedEncoderDecoder model;
    private final Tokens input;
    private final GenerateOptions options;
    private final GenerateListener listener;
    private final List<Integer> ends;
    private final List<OpenRow> rows;
    private final List<List<Long>> said = new ArrayList<>();

    Answering(HookedEncoderDecoder model, Tokens input, GenerateOptions options, GenerateListener listener) {
        if (!options.steering().isEmpty() || options.past().isPresent()) {
            throw new UsageException(
                    "%s has two stacks: steering and a key-value cache of your own are for decoders of one. Add a direction by withHooks(…)."
                            .formatted(model.name()));
        }
        this.model = model;
        this.input = input;
        this.options = options;
        this.listener = listener;
        this.ends = options.ends().orElse(model.config().eosTokenIds());
        Optional<Tokenizer> tokenizer =
                Optional.of(model).filter(HookedEncoderDecoder::hasTokenizer).map(HookedEncoderDecoder::tokenizer);
        long start = model.startTokens(1).ids(0).get(0);
        this.rows = IntStream.range(0, input.batch())
                .mapToObj(row -> new OpenRow(row, text(row, tokenizer), List.of(start), tokenizer, options))
                .toList();
        rows.forEach(it -> said.add(new ArrayList<>(List.of(start))));
    }

    private String text(int row, Optional<Tokenizer> tokenizer) {
        return tokenizer
                .map(it -> it.decode(
                        input.ids(row).stream().mapToLong(Long::longValue).toArray()))
                .orElseGet(() -> input.text(row));
    }

    Generation run() {
        try (Saying remembering = model.saying(input)) {
            while (rows.stream().anyMatch(OpenRow::isOpen)) {
                List<float[][]> logits = new ArrayList<>();
                if (Thread.currentThread().isInterrupted() || listener.stops()) {
                    rows.stream().filter(OpenRow::isOpen).forEach(it -> it.end(StopReason.INTERRUPTED, listener));
                } else if (InterruptedRunException.completes(() -> logits.add(read(remembering)))) {
                    step(logits.get(0));
                }
            }
        }
        Tokens all = tokens(0);
        return Generation.of(model.hasTokenizer() ? all.withStrings(model.tokenizer()) : all, rows);
    }

    private float[][] read(Saying remembering) {
        RunOptions plain = RunOptions.defaults().withHooks(options.hooks());
        int last = said.get(0).size() - 1;
        try (Run run =
                options.remembering() ? remembering.run(tokens(last), plain) : model.run(input, tokens(0), plain)) {
            int batch = rows.size();
            float[] flat = run.logits().toFloatArray();
            int width = model.config().dVocab();
            int columns = flat.length / width / batch;
            float[][] logits = new float[batch][];
            Arrays.setAll(logits, row -> {
                int from = (row * columns + columns - 1) * width;
                return Arrays.copyOfRange(flat, from, from + width);
            });
            return logits;
        }
    }

    private void step(float[][] logits) {
        long filler = ends.isEmpty() ? 0 : ends.get(0);
        for (int row = 0; row < rows.size(); row++) {
            boolean open = rows.get(row).isOpen();
            said.get(row).add(open ? rows.get(row).next(logits[row], ends, options, listener) : filler);
        }
    }

    /** What was said, from a column on. */
    private Tokens tokens(int from) {
        return Tokens.of(said.stream()
                .map(row -> row.subList(from, row.size()).stream()
                        .mapToLong(Long::longValue)
                        .toArray())
                .toArray(long[][]::new));
    }
}
