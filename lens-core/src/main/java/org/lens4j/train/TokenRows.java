package org.lens4j.train;

import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Optional;

/** Documents packed into rows of equal length, ready for next-token training.
 *
 * <p>As in GPT-2, {@code <|endoftext|>} stands before every document. Unlike GPT-2's endless stream, every row also
 * <em>begins</em> with it: a document that reaches beyond the end of its row is cut there and the next row starts with
 * the next document. So every row looks like a prompt with its beginning-of-sequence token, every position is a real
 * token, and no padding or mask is needed. A last row that the documents do not fill is left out. */
public final class TokenRows implements Iterator<int[]> {
    private final Vocabulary vocabulary;
    private final Iterator<String> documents;
    private final int length;
    private Optional<int[]> ahead = Optional.empty();

    /** Rows of the given documents.
     *
     * @param length tokens in each row, the first of them the end-of-text token; at least 2 */
    public TokenRows(Vocabulary vocabulary, Iterator<String> documents, int length) {
        if (length < 2) {
            throw new IllegalArgumentException("A row of " + length
                    + " tokens has nothing to predict: its first token is always " + Vocabulary.END_OF_TEXT
                    + ". Use a length of 2 or more.");
        }
        this.vocabulary = vocabulary;
        this.documents = documents;
        this.length = length;
    }

    @Override
    public boolean hasNext() {
        if (ahead.isEmpty()) {
            ahead = read();
        }
        return ahead.isPresent();
    }

    /** The next row, {@code [pos]}.
     *
     * @throws NoSuchElementException if the documents left do not fill a row */
    @Override
    public int[] next() {
        if (!hasNext()) {
            throw new NoSuchElementException("The documents ended before a row of " + length
                    + " tokens was full. Give more documents or ask for shorter rows.");
        }
        int[] row = ahead.orElseThrow();
        ahead = Optional.empty();
        return row;
    }

    private Optional<int[]> read() {
        int[] row = new int[length];
        int filled = 0;
        while (filled < length) {
            if (!documents.hasNext()) {
                return Optional.empty();
            }
            int[] tokens = vocabulary.encode(documents.next());
            row[filled++] = vocabulary.endOfText();
            int taken = Math.min(tokens.length, length - filled);
            System.arraycopy(tokens, 0, row, filled, taken);
            filled += taken;
        }
        return Optional.of(row);
    }

    /** The next rows as one batch, {@code [batch pos]}. */
    public int[][] batch(int rows) {
        int[][] batch = new int[rows][];
        for (int row = 0; row < rows; row++) {
            batch[row] = next();
        }
        return batch;
    }
}
