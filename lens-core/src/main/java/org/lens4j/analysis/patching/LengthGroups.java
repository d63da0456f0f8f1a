package org.lens4j.analysis.patching;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.lens4j.analysis.Axis;
import org.lens4j.analysis.prompts.PromptPair;
import org.lens4j.analysis.prompts.PromptPairs;
import org.lens4j.error.UsageException;

/**
 * Pairs of any lengths as one sweep: those of each length are patched as a batch of their own, and the result has all of them in
 * their order. Position 7 is another word in a longer prompt, so where the lengths differ, a place that is patched position by
 * position gets the positions that every pair has a name for: {@code S2}, {@code end}.
 *
 * <pre>{@code
 * PromptPairs drawn = IndirectObjects.standard().pairs(model, 20, 1);
 * PatchResult found = new LengthGroups(drawn).run(PatchSite.residPre(), group ->
 *         ActivationPatch.of(model, PatchPairs.of(group), PatchMetric.logitDifference(group)));
 * found.grid();       // [layer pos=S1, IO, S2, end]
 * }</pre>
 *
 * @param pairs of any lengths
 */
public record LengthGroups(PromptPairs pairs) {
    /**
     * Patches one length after the other. Stopped, it gives the pairs it came to, and of the last ones what it has.
     *
     * @param patching makes the sweep of pairs of one length, metrics of their own answers included
     * @param listener told of all patches of all lengths, and asked whether to go on
     * @throws UsageException if the lengths differ, the site goes position by position, and there is no position that every
     *     pair has a name for
     */
    public PatchResult run(PatchSite site, Function<PromptPairs, Patching> patching, PatchListener listener) {
        Map<Integer, PromptPairs> groups = labelled().byLength();
        if (groups.size() == 1) {
            return patching.apply(pairs).withListener(listener).run(site);
        }
        List<String> names = site.axes().stream().anyMatch(PatchAxis::isPosition) ? names(site) : List.of();
        return Sweep.telling(listener, () -> {
            List<Measured> found = new ArrayList<>();
            Told told = new Told(groups.size(), listener);
            for (PromptPairs group : groups.values()) {
                if (!found.isEmpty() && told.stops()) {
                    break;
                }
                Measured one = measured(patching.apply(group).withListener(told), site);
                found.add(names.isEmpty() ? one : NamedPositions.of(one, site, group, names));
                told.add(one.found().progress());
            }
            return joined(found, told.progress());
        });
    }

    /** {@link #run(PatchSite, Function, PatchListener)}, and nobody is told. */
    public PatchResult run(PatchSite site, Function<PromptPairs, Patching> patching) {
        return run(site, patching, PatchListener.none());
    }

    private static Measured measured(Patching patching, PatchSite site) {
        return patching instanceof ActivationPatch made
                ? made.measured(site)
                : ((AttributionPatch) patching).measured(site);
    }

    /** In a group, pairs keep the numbers they have among all. */
    private PromptPairs labelled() {
        List<String> labels = pairs.labels();
        List<PromptPair> named = IntStream.range(0, pairs.size())
                .mapToObj(i -> pairs.pairs().get(i).labelled(labels.get(i)))
                .toList();
        return new PromptPairs(pairs.task(), pairs.seed(), named);
    }

    /** The names every pair has, in the order of the first. */
    private List<String> names(PatchSite site) {
        PromptPair first = pairs.pairs().get(0);
        List<String> names = first.positions().keySet().stream()
                .filter(it ->
                        pairs.pairs().stream().allMatch(pair -> pair.positions().containsKey(it)))
                .sorted(Comparator.comparing(first::position))
                .toList();
        if (names.isEmpty()) {
            throw new UsageException(
                    "The pairs of %s have different lengths: %s. %s goes position by position, and no position has a name in all of them. Name some, such as \"positions\": {\"giver\": 10, \"end\": -1} on each line of a file; or patch a place without positions, such as head_out; or change words for others of as many tokens."
                            .formatted(pairs.task(), lengths(), site.name()));
        }
        return names;
    }

    /** How many tokens which pairs have. */
    private String lengths() {
        return labelled().byLength().entrySet().stream()
                .map(it -> "%d tokens %s".formatted(it.getKey(), it.getValue().labels()))
                .collect(Collectors.joining(", "));
    }

    /** One result of all groups, their prompts in the order of the pairs. */
    private PatchResult joined(List<Measured> found, PatchProgress progress) {
        List<String> labels = new ArrayList<>();
        found.forEach(it -> labels.addAll(it.levels().prompts().labels()));
        List<String> wanted = pairs.labels();
        int[] order = IntStream.range(0, labels.size())
                .boxed()
                .sorted(Comparator.comparing(i -> wanted.indexOf(labels.get(i))))
                .mapToInt(i -> i)
                .toArray();
        Levels first = found.get(0).levels();
        List<float[]> clean = new ArrayList<>();
        List<float[]> corrupted = new ArrayList<>();
        List<float[]> values = new ArrayList<>();
        for (int metric = 0; metric < first.metrics().size(); metric++) {
            int at = metric;
            clean.add(rows(found, order, it -> it.levels().clean().get(at)));
            corrupted.add(rows(found, order, it -> it.levels().corrupted().get(at)));
            values.add(rows(found, order, it -> it.found().values().get(at)));
        }
        Axis prompts = new Axis(
                first.prompts().name(),
                IntStream.of(order).mapToObj(labels::get).toList());
        Levels levels = new Levels(prompts, first.metrics(), clean, corrupted);
        Sweep.Found all = new Sweep.Found(found.get(0).found().axes(), values, progress);
        return new Measured(found.get(0).site(), levels, all).result();
    }

    /** Numbers {@code [prompt ..]} of all groups behind each other, then in another order of prompts. */
    private static float[] rows(List<Measured> found, int[] order, Function<Measured, float[]> numbers) {
        List<float[]> rows = new ArrayList<>();
        for (Measured one : found) {
            float[] all = numbers.apply(one);
            int width = all.length / one.levels().prompts().size();
            for (int from = 0; from < all.length; from += width) {
                rows.add(Arrays.copyOfRange(all, from, from + width));
            }
        }
        int width = rows.get(0).length;
        float[] joined = new float[order.length * width];
        for (int row = 0; row < order.length; row++) {
            System.arraycopy(rows.get(order[row]), 0, joined, row * width, width);
        }
        return joined;
    }

    /** Tells of the patches of all groups as of one sweep, as if the groups to come had as many as the one that runs. */
    private static final class Told implements PatchListener {
        private final PatchListener listener;
        private int groupsLeft;
        private int done;
        private int before;
        private int last;

        Told(int groups, PatchListener listener) {
            this.groupsLeft = groups;
            this.listener = listener;
        }

        @Override
        public void at(PatchProgress progress) {
            listener.at(new PatchProgress(done + progress.done(), before + groupsLeft * progress.of()));
        }

        @Override
        public boolean stops() {
            return listener.stops() || Thread.currentThread().isInterrupted();
        }

        void add(PatchProgress group) {
            done += group.done();
            before += group.of();
            groupsLeft--;
            last = group.of();
        }

        PatchProgress progress() {
            return new PatchProgress(done, before + groupsLeft * last);
        }
    }
}
