package org.lens4j.analysis.residual;

import ai.djl.ndarray.NDArray;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.lens4j.analysis.Axis;
import org.lens4j.analysis.Grid;
import org.lens4j.error.RangeException;
import org.lens4j.error.UnknownNameException;
import org.lens4j.hook.HookName;
import org.lens4j.hook.HookPoint;
import org.lens4j.model.HookedTransformer;
import org.lens4j.tensor.Autograd;
import org.lens4j.tensor.Scope;
import org.lens4j.tensor.Slice;
import org.lens4j.text.TokenLabels;
import org.lens4j.text.Tokens;

/**
 * Direct logit attribution: what each part of a model adds to the logit of an answer, or to the difference of two, at the
 * position where the answer is given. With {@link By#LAYER}, {@link By#COMPONENT} and {@link By#POS} the numbers of a prompt sum
 * to {@link #totals}, to rounding; heads and neurons alone leave out the rest. A softcap on logits comes after the total.
 *
 * <pre>{@code
 * LogitAttribution heads = LogitAttribution.of(model, prompt, answers, LogitAttribution.By.HEAD);
 * Grid grid = heads.mean();            // [layer head]
 * }</pre>
 *
 * @param byPrompt {@code [prompt ..]}: component, layer head, layer neuron, or component pos
 * @param totals for each prompt the logit of the answer, or the difference
 * @param positions for each prompt the position the answer is given at
 * @param notes what readers should know: the total, what the numbers leave out of it, and what is odd about the answers
 */
public record LogitAttribution(Grid byPrompt, List<Float> totals, List<Integer> positions, List<String> notes) {
    /** The component that holds what no part writes: the unembedding's bias and the last norm's offset. */
    public static final String UNEMBED_BIAS = "unembed_bias";

    /** How the total is divided. */
    public enum By {
        /** By what embedding, attention and MLP of each layer write. */
        LAYER,
        /** By head. */
        HEAD,
        /** By neuron. */
        NEURON,
        /** By where it was read: what attention brings from each position, all else at the answer's own. */
        POS,
        /** By every head, every neuron, the embeddings and the biases, in one list. */
        COMPONENT;

        /** As it is written on the command line and in magics: {@code layer}. */
        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }

        /** All words. */
        public static List<String> words() {
            return Stream.of(values()).map(By::word).toList();
        }

        /**
         * By its word.
         *
         * @throws UnknownNameException if there is none
         */
        public static By named(String word) {
            return Stream.of(values())
                    .filter(it -> it.word().equals(word))
                    .findFirst()
                    .orElseThrow(() -> UnknownNameException.of(
                            "part of a model",
                            word,
                            "attribution",
                            words(),
                            "There are " + String.join(", ", words()) + "."));
        }
    }

    /** Copies the lists. */
    public LogitAttribution {
        totals = List.copyOf(totals);
        positions = List.copyOf(positions);
        notes = List.copyOf(notes);
    }

    /** At the last position of each prompt that is no padding. */
    public static LogitAttribution of(HookedTransformer model, Tokens prompts, Answers answers, By by) {
        return of(model, prompts, answers, by, OptionalInt.empty());
    }

    /**
     * Runs the model and divides a logit.
     *
     * @param at the position the answer is given at, for all prompts, negative from the end; empty for the last of each
     * @throws RangeException if there is no such position, or the model says no such token
     * @throws org.lens4j.error.ShapeException if there is another number of answers than of prompts
     * @throws org.lens4j.error.UsageException if the model has no such parts
     */
    public static LogitAttribution of(HookedTransformer model, Tokens prompts, Answers answers, By by, OptionalInt at) {
        List<Integer> places = places(model, prompts, at);
        Integer[] distinct = places.stream().distinct().toArray(Integer[]::new);
        Slice picks = Slice.picks(distinct);
        List<Integer> picked =
                places.stream().map(it -> Arrays.asList(distinct).indexOf(it)).toList();
        return Autograd.recording(false, () -> {
            try (Scope scope = Scope.root();
                    ResidualStream stream = ResidualStream.owning(model, model.cache(prompts, names(model, by)))) {
                Sources sources = new Sources(model, stream.cache(), picks);
                NDArray directions = answers.directions(model, prompts.batch(), scope);
                LinearNorm ln = stream.lastNorm(sources, scope);
                List<Float> offsets = answers.offsets(model, prompts.batch(), scope);
                AttributionParts parts = new AttributionParts(sources, ln, directions, picked, offsets, scope);
                Grid grid =
                        new Grid(title(answers, by, prompts, places), "logit", axes(by, parts, prompts), parts.of(by));
                LogitAttribution plain = new LogitAttribution(grid, parts.totals(), places, answers.notes());
                return new LogitAttribution(grid, plain.totals(), places, plain.explained(answers, by));
            }
        });
    }

    /** The total, what the numbers leave out of it, and the notes there are. */
    private List<String> explained(Answers answers, By by) {
        List<String> all = new ArrayList<>();
        String mean = totals.size() == 1 ? "" : " (the mean of %d prompts)".formatted(totals.size());
        all.add(String.format(Locale.ROOT, "%s: %.3f in all%s.", answers.words(), total(), mean));
        if (by == By.HEAD || by == By.NEURON) {
            double sum = IntStream.range(0, totals.size())
                    .mapToDouble(this::sum)
                    .average()
                    .orElseThrow();
            all.add(String.format(
                    Locale.ROOT,
                    "All %d %ss add %.3f; embeddings, biases and %s add the rest, %.3f.",
                    mean().values().length,
                    by.word(),
                    sum,
                    by == By.HEAD ? "MLPs" : "heads",
                    total() - sum));
        }
        all.addAll(notes);
        return all;
    }

    private static String[] names(HookedTransformer model, By by) {
        List<HookName> more = by == By.POS
                ? model.hooks().all().stream()
                        .filter(it -> it.point() == HookPoint.PATTERN || it.point() == HookPoint.V)
                        .toList()
                : List.of();
        List<String> names = new ArrayList<>(List.of(ResidualStream.names(model)));
        more.forEach(it -> names.add(it.full()));
        return names.toArray(String[]::new);
    }

    private static List<Integer> places(HookedTransformer model, Tokens prompts, OptionalInt at) {
        List<Integer> places = new ArrayList<>();
        at.ifPresent(it -> requirePosition(it, prompts.pos()));
        for (int row = 0; row < prompts.batch(); row++) {
            int sequence = row;
            int place = at.isPresent()
                    ? Slice.at(at.getAsInt()).indices("pos", prompts.pos())[0]
                    : IntStream.range(0, prompts.pos())
                            .filter(pos -> prompts.isAttended(sequence, pos))
                            .max()
                            .orElse(prompts.pos() - 1);
            if (!prompts.isAttended(row, place)) {
                throw new RangeException("Position %d of prompt %d is padding, and %s says nothing there. Give another."
                        .formatted(place, row, model.name()));
            }
            places.add(place);
        }
        return places;
    }

    private static void requirePosition(int asked, int size) {
        if (asked < -size || asked >= size) {
            throw new RangeException(
                    "Position %d is asked for, and there are %d, numbered 0 to %d. Give one of those, or count from the end: -1 is the last."
                            .formatted(asked, size, size - 1));
        }
    }

    private static String title(Answers answers, By by, Tokens prompts, List<Integer> places) {
        String where = prompts.batch() == 1
                ? " at " + TokenLabels.labels(prompts.strings(0)).get(places.get(0))
                : "";
        String divided =
                switch (by) {
                    case LAYER -> "layer";
                    case HEAD -> "head";
                    case NEURON -> "neuron";
                    case POS -> "position";
                    case COMPONENT -> "component";
                };
        return "Direct logit attribution of %s%s, by %s".formatted(answers.words(), where, divided);
    }

    private static List<Axis> axes(By by, AttributionParts parts, Tokens prompts) {
        int nLayers = parts.sources().config().nLayers();
        List<Axis> axes = new ArrayList<>(List.of(Axis.counted("prompt", prompts.batch())));
        axes.addAll(
                switch (by) {
                    case LAYER -> List.of(new Axis("component", parts.labels(Decomposition.PARTS)));
                    case COMPONENT -> List.of(new Axis("component", parts.labels(Decomposition.FULL)));
                    case HEAD ->
                        List.of(
                                Axis.counted("layer", nLayers),
                                Axis.counted("head", parts.sources().config().nHeads()));
                    case NEURON ->
                        List.of(
                                Axis.counted("layer", nLayers),
                                Axis.counted("neuron", parts.sources().config().dMlp()));
                    case POS ->
                        List.of(
                                new Axis("component", parts.labelsByPosition()),
                                new Axis(
                                        "source_pos",
                                        prompts.batch() == 1
                                                ? TokenLabels.labels(prompts.strings(0))
                                                : Axis.counted("pos", prompts.pos())
                                                        .labels()));
                });
        return axes;
    }

    /** The mean over the prompts: the same without the prompt axis. */
    public Grid mean() {
        List<Axis> axes = byPrompt.axes().subList(1, byPrompt.rank());
        int prompts = byPrompt.axes().get(0).size();
        float[] all = byPrompt.values();
        float[] mean = new float[all.length / prompts];
        for (int i = 0; i < all.length; i++) {
            // NaN, a place that a prompt does not have, counts nothing unless no prompt has it.
            int place = i % mean.length;
            mean[place] += Float.isNaN(all[i]) ? 0 : all[i] / prompts;
        }
        for (int place = 0; place < mean.length; place++) {
            int fixed = place;
            if (IntStream.range(0, prompts).allMatch(row -> Float.isNaN(all[row * mean.length + fixed]))) {
                mean[place] = Float.NaN;
            }
        }
        return new Grid(byPrompt.title(), byPrompt.unit(), axes, mean);
    }

    /** The mean of the totals. */
    public float total() {
        return (float) totals.stream().mapToDouble(Float::doubleValue).average().orElseThrow();
    }

    /** The sum of every number there is for a prompt: the total, unless heads or neurons were asked for alone. */
    public float sum(int prompt) {
        double sum = 0;
        for (float value : byPrompt.slice("prompt", prompt).values()) {
            sum += Float.isNaN(value) ? 0 : value;
        }
        return (float) sum;
    }
}
