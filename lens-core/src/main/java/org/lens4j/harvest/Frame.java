package org.lens4j.harvest;

import java.util.Arrays;
import java.util.stream.LongStream;
import org.lens4j.error.UsageException;
import org.lens4j.model.HookedModel;

/**
 * What a model puts around a text: the token that begins it, [CLS] and [SEP], or nothing.
 *
 * @param before ids in front
 * @param after ids behind
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record Frame(long[] before, long[] after) {
    /** Any text that is a token or more. */
    private static final String SOME_TEXT = "a";

    /** Asks the model what it makes of a text. */
    static Frame of(HookedModel model) {
        long[] bare = model.tokenizer().encode(SOME_TEXT);
        long[] fed = model.tokens(SOME_TEXT).ids(0).stream().mapToLong(it -> it).toArray();
        for (int begin = 0; begin + bare.length <= fed.length; begin++) {
            int end = begin + bare.length;
            if (Arrays.equals(fed, begin, end, bare, 0, bare.length)) {
                return new Frame(Arrays.copyOf(fed, begin), Arrays.copyOfRange(fed, end, fed.length));
            }
        }
        throw new UsageException(
                "%s feeds \"%s\" as %s, and its tokenizer makes %s of it: what it puts around a text is unclear."
                        .formatted(model.name(), SOME_TEXT, Arrays.toString(fed), Arrays.toString(bare)));
    }

    int size() {
        return before.length + after.length;
    }

    /** Part of a text in the frame. */
    long[] around(long[] text, int from, int to) {
        return LongStream.concat(
                        LongStream.concat(LongStream.of(before), Arrays.stream(text, from, to)), LongStream.of(after))
                .toArray();
    }
}
