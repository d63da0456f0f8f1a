package org.lens4j.error;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/**
 * The valid names nearest to a mistyped one. Distance is the cheapest way to edit the asked name into the valid one;
 * letters that were left out cost little, because people leave out whole segments ({@code blocks.0.hook_z}).
 */
public final class Closest {
    private static final float LEFT_OUT = 0.3f;
    private static final float TOO_MANY = 1f;
    private static final float OTHER = 1.2f;

    private Closest() {}

    /**
     * Orders the valid names by distance and keeps the first few.
     *
     * @param asked the name that was not found
     * @param valid every name that would have been right
     * @param count how many to keep, at least 0
     * @return the nearest names, nearest first; ties in the order given; shorter than {@code count} if there are fewer
     */
    public static List<String> to(String asked, Collection<String> valid, int count) {
        record Near(String name, float distance) {}
        String wanted = asked.toLowerCase(Locale.ROOT);
        return valid.stream()
                .distinct()
                .map(name -> new Near(name, distance(wanted, name.toLowerCase(Locale.ROOT))))
                .sorted(Comparator.comparingDouble(Near::distance))
                .limit(count)
                .map(Near::name)
                .toList();
    }

    private static float distance(String from, String to) {
        float[] previous = new float[to.length() + 1];
        float[] current = new float[to.length() + 1];
        for (int j = 1; j <= to.length(); j++) {
            previous[j] = j * LEFT_OUT;
        }
        for (int i = 1; i <= from.length(); i++) {
            current[0] = i * TOO_MANY;
            for (int j = 1; j <= to.length(); j++) {
                float same = from.charAt(i - 1) == to.charAt(j - 1) ? 0 : OTHER;
                current[j] =
                        Math.min(previous[j - 1] + same, Math.min(previous[j] + TOO_MANY, current[j - 1] + LEFT_OUT));
            }
            float[] swap = previous;
            previous = current;
            current = swap;
        }
        return previous[to.length()];
    }
}
