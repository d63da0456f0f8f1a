package org.lens4j.train.english;

import java.util.List;
import java.util.Random;

/** Seeded chance: the same seed gives the same text on every Java.
 *
 * <p>Uses only those methods of {@link Random} whose results its specification fixes. */
public final class Dice {
    private final Random random;

    /** Dice for a seed; nearby seeds give unrelated throws. */
    public Dice(long seed) {
        this.random = new Random(mix(seed + 0x9e3779b97f4a7c15L));
    }

    /** A number from 0 to {@code bound - 1}. */
    int below(int bound) {
        return random.nextInt(bound);
    }

    /** A number from {@code low} to {@code high}, both included. */
    int between(int low, int high) {
        return low + random.nextInt(high - low + 1);
    }

    /** True once in so many throws on average. */
    boolean oneIn(int throwsOnAverage) {
        return random.nextInt(throwsOnAverage) == 0;
    }

    /** One of the given things. */
    <T> T pick(List<T> things) {
        return things.get(random.nextInt(things.size()));
    }

    /** One of the given things, but not this one. */
    <T> T pickOther(List<T> things, T not) {
        T picked = pick(things);
        while (picked.equals(not)) {
            picked = pick(things);
        }
        return picked;
    }

    /** Scrambles all bits of a number (the finaliser of SplitMix64, Steele et al. 2014). */
    static long mix(long bits) {
        long mixed = (bits ^ (bits >>> 30)) * 0xbf58476d1ce4e5b9L;
        mixed = (mixed ^ (mixed >>> 27)) * 0x94d049bb133111ebL;
        return mixed ^ (mixed >>> 31);
    }
}
