package org.lens4j.train.lens;

import java.util.Iterator;
import java.util.List;
import org.lens4j.error.UsageException;
import org.lens4j.model.HookedTransformer;
import org.lens4j.text.Tokens;

/**
 * Texts packed into rows of equal length: each begins a new text, which is followed by others and cut at the row's end. When the
 * texts end they begin again.
 */
final class TextRows {
    private final HookedTransformer model;
    private final Iterable<String> texts;
    private final int length;
    private Iterator<String> ahead;

    TextRows(HookedTransformer model, Iterable<String> texts, int length) {
        this.model = model;
        this.texts = texts;
        this.length = length;
        this.ahead = texts.iterator();
    }

    /** The next rows, {@code [batch pos]}. */
    Tokens batch(int rows) {
        long[][] batch = new long[rows][length];
        for (long[] row : batch) {
            int filled = 0;
            while (filled < length) {
                List<Long> ids = next();
                for (int i = 0; i < ids.size() && filled < length; i++) {
                    row[filled++] = ids.get(i);
                }
            }
        }
        return Tokens.of(batch);
    }

    private List<Long> next() {
        if (!ahead.hasNext()) {
            ahead = texts.iterator();
        }
        // A text without a token would be asked for again and again.
        while (ahead.hasNext()) {
            String text = ahead.next();
            if (!text.isEmpty()) {
                return model.tokens(text).ids(0);
            }
        }
        throw new UsageException(
                "There is no text to train on: the texts ended, or all that are left are empty. Give at least one.");
    }
}
