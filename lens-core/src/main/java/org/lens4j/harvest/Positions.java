package org.lens4j.harvest;

import java.util.Random;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.lens4j.error.UsageException;

/** Which tokens of each document become rows. */
public sealed interface Positions {
    /** What the words begin with that ask for a {@link Sample}. */
    String SAMPLE = "sample:";

    /** Every token. */
    record All() implements Positions {
        @Override
        public int[] of(long document, int count) {
            return IntStream.range(0, count).toArray();
        }

        @Override
        public String toString() {
            return "all";
        }
    }

    /** The last token of each document, for probes of whole texts. Only contexts that hold one are run. */
    record Last() implements Positions {
        @Override
        public int[] of(long document, int count) {
            return new int[] {count - 1};
        }

        @Override
        public String toString() {
            return "last";
        }
    }

    /**
     * Some tokens of each document, drawn without putting back; all of a shorter one. Which ones depends on the seed, the
     * document's number and its length, and on nothing else.
     *
     * @param count tokens of each document
     * @param seed of the draw
     */
    record Sample(int count, long seed) implements Positions {
        /** Checks the number. */
        public Sample {
            if (count < 1) {
                throw new UsageException("A sample of %d tokens of each document is no sample. Use 1 or more: %s4"
                        .formatted(count, SAMPLE));
            }
        }

        @Override
        public int[] of(long document, int length) {
            if (count >= length) {
                return IntStream.range(0, length).toArray();
            }
            Random random = new Random(mixed(seed, document));
            SortedSet<Integer> drawn = new TreeSet<>();
            // Floyd's way: every subset is as likely as any other, and none is drawn twice.
            for (int top = length - count; top < length; top++) {
                int one = random.nextInt(top + 1);
                drawn.add(drawn.contains(one) ? top : one);
            }
            return drawn.stream().mapToInt(Integer::intValue).toArray();
        }

        /** Neighbouring numbers would give a random generator similar beginnings (finalizer of MurmurHash3). */
        private static long mixed(long seed, long document) {
            long x = seed + 0x9e3779b97f4a7c15L * (document + 1);
            x = (x ^ (x >>> 33)) * 0xff51afd7ed558ccdL;
            x = (x ^ (x >>> 33)) * 0xc4ceb9fe1a85ec53L;
            return x ^ (x >>> 33);
        }

        @Override
        public String toString() {
            return SAMPLE + count;
        }
    }

    /**
     * Which tokens.
     *
     * @param document its number
     * @param count tokens it has, at least one
     * @return ascending, each less than {@code count}
     */
    int[] of(long document, int count);

    /**
     * Reads {@code all}, {@code last} or {@code sample:K}.
     *
     * @param seed of a sample
     * @throws UsageException if it is none of them
     */
    static Positions parse(String words, long seed) {
        if (words.equals("all")) {
            return new All();
        }
        if (words.equals("last")) {
            return new Last();
        }
        if (words.matches("sample:\\d{1,9}")) {
            return new Sample(Integer.parseInt(words.substring(SAMPLE.length())), seed);
        }
        throw new UsageException(
                "Positions \"%s\" are none of all, last and sample:K (K tokens of each document). Write for example %s8"
                        .formatted(words, SAMPLE));
    }
}
