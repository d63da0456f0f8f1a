package org.lens4j.analysis.circuits;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.lens4j.error.Advice;
import org.lens4j.error.ShapeException;
import org.lens4j.error.UnknownNameException;
import org.lens4j.error.UsageException;

/**
 * Where a kind of head attends: for every query of a text the keys it looks at. TransformerLens: {@code detection_pattern}.
 *
 * <pre>{@code
 * HeadPattern induction = HeadPattern.named("induction_head");
 * HeadPattern mine = HeadPattern.custom(new float[][] {{1, 0}, {1, 0}});
 * }</pre>
 */
public sealed interface HeadPattern {
    /** Attention to the token before. */
    record PreviousToken() implements HeadPattern {}

    /** Attention to earlier copies of the same token. */
    record DuplicateToken() implements HeadPattern {}

    /** Attention to the tokens that followed earlier copies of the same token (Olsson et al., 2022). */
    record Induction() implements HeadPattern {}

    /**
     * Attention as somebody drew it.
     *
     * @param rows {@code [query_pos key_pos]}
     */
    record Custom(List<List<Float>> rows) implements HeadPattern {
        /** Copies the rows and checks that they are a square with nothing above its diagonal. */
        public Custom {
            rows = rows.stream().map(List::copyOf).toList();
            for (int query = 0; query < rows.size(); query++) {
                List<Float> row = rows.get(query);
                if (row.size() != rows.size()) {
                    throw new ShapeException(
                            "A pattern for %d queries has %d keys in row %d. Give a square: one row and one column for each token."
                                    .formatted(rows.size(), row.size(), query));
                }
                for (int key = query + 1; key < row.size(); key++) {
                    if (row.get(key) != 0) {
                        throw new UsageException(
                                "The pattern asks query %d to look at key %d, which comes after it. Put 0 above the diagonal."
                                        .formatted(query, key));
                    }
                }
            }
        }
    }

    /** One drawn as an array {@code [query_pos key_pos]}. */
    static HeadPattern custom(float[]... rows) {
        return new Custom(Arrays.stream(rows)
                .map(row -> {
                    List<Float> list = new ArrayList<>();
                    for (float value : row) {
                        list.add(value);
                    }
                    return list;
                })
                .toList());
    }

    /**
     * One by TransformerLens's name: {@code previous_token_head}, {@code duplicate_token_head}, {@code induction_head}; also
     * without {@code _head} and {@code _token}.
     *
     * @throws UnknownNameException if there is none of that name
     */
    static HeadPattern named(String name) {
        Map<String, HeadPattern> known = new TreeMap<>(Map.of(
                "previous_token_head", new PreviousToken(),
                "duplicate_token_head", new DuplicateToken(),
                "induction_head", new Induction()));
        String full = name.replaceAll("_head$", "").replaceAll("_token$", "");
        return known.entrySet().stream()
                .filter(it -> it.getKey().replaceAll("(_token)?_head$", "").equals(full))
                .map(Map.Entry::getValue)
                .findFirst()
                .orElseThrow(() -> UnknownNameException.of(
                        "kind of head", name, "the detector", known.keySet(), Advice.DRAWN_PATTERN.text()));
    }

    /** The kind in words: {@code previous token}. */
    default String words() {
        if (this instanceof PreviousToken) {
            return "previous token";
        }
        if (this instanceof DuplicateToken) {
            return "duplicate token";
        }
        return this instanceof Induction ? "induction" : "custom";
    }

    /**
     * The pattern of a text.
     *
     * @param ids its tokens
     * @return {@code [query_pos key_pos]}, 0 above the diagonal
     * @throws ShapeException if it was drawn for a text of another length
     */
    default float[][] of(List<Long> ids) {
        int pos = ids.size();
        float[][] pattern = new float[pos][pos];
        if (this instanceof Custom drawn) {
            if (drawn.rows().size() != pos) {
                throw new ShapeException("The pattern is for %d tokens, and the text has %d. Draw one for each length."
                        .formatted(drawn.rows().size(), pos));
            }
            for (int query = 0; query < pos; query++) {
                for (int key = 0; key < pos; key++) {
                    pattern[query][key] = drawn.rows().get(query).get(key);
                }
            }
            return pattern;
        }
        for (int query = 1; query < pos; query++) {
            for (int key = 0; key < query; key++) {
                boolean copy = ids.get(key).equals(ids.get(query));
                if (this instanceof PreviousToken) {
                    pattern[query][key] = key == query - 1 ? 1 : 0;
                } else if (this instanceof DuplicateToken && copy) {
                    pattern[query][key] = 1;
                } else if (this instanceof Induction && copy) {
                    pattern[query][key + 1] = 1;
                }
            }
        }
        return pattern;
    }
}
