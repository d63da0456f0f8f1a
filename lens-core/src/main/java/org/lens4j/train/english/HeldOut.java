package org.lens4j.train.english;

/** The fence between training and test: a stable hash of a combination of words keeps one combination in ten out. */
final class HeldOut {
    private static final int ONE_IN = 10;

    private HeldOut() {}

    /** Whether this combination is kept out of training. The order of the words matters. */
    static boolean contains(String... words) {
        long hash = 0xcbf29ce484222325L;
        for (String word : words) {
            for (int i = 0; i < word.length(); i++) {
                hash = (hash ^ word.charAt(i)) * 0x100000001b3L;
            }
            hash = (hash ^ '|') * 0x100000001b3L;
        }
        return Long.remainderUnsigned(Dice.mix(hash), ONE_IN) == 0;
    }
}
