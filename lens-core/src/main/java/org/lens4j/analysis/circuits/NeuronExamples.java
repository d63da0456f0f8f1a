package org.lens4j.analysis.circuits;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import org.lens4j.analysis.Axis;
import org.lens4j.analysis.Grid;
import org.lens4j.cache.ActivationCache;
import org.lens4j.error.RangeException;
import org.lens4j.error.UsageException;
import org.lens4j.hook.HookName;
import org.lens4j.hook.HookPoint;
import org.lens4j.model.HookedTransformer;
import org.lens4j.tensor.Slice;
import org.lens4j.text.TokenLabels;
import org.lens4j.text.Tokens;

/**
 * Where in a corpus a neuron is most active: the places with the highest activation, with the text around them, and the tokens
 * it is most active on. Whatever the corpus's size, it holds {@code count} places and one entry for each different token.
 *
 * <pre>{@code
 * List<NeuronExamples> found = NeuronExamples.ofTexts(model, lines, List.of(new Neuron(3, 17)), 10, 8);
 * }</pre>
 *
 * @param neuron which
 * @param places most active first
 * @param tokens most active at their best first
 * @param positions how many positions were looked at
 */
public record NeuronExamples(Neuron neuron, List<Place> places, List<OnToken> tokens, long positions) {
    /** Places of a neuron that are kept where nobody says how many. */
    public static final int USUAL_PLACES = 5;
    /** Tokens on each side of a place that are kept where nobody says how many. */
    public static final int USUAL_CONTEXT = 8;

    /** Copies the lists. */
    public NeuronExamples {
        places = List.copyOf(places);
        tokens = List.copyOf(tokens);
    }

    /** A neuron of a layer, both from 0. */
    public record Neuron(int layer, int neuron) {
        /** As components are labelled: {@code L3N17}. */
        public String label() {
            return "L%dN%d".formatted(layer, neuron);
        }
    }

    /**
     * A place in the corpus.
     *
     * @param activation of the neuron there
     * @param text which of the corpus, from 0; parts of one that was too long count as texts
     * @param pos in the text, from 0
     * @param tokens around the place, some before and some after
     * @param activations on each of them
     * @param peak which of them is the place
     */
    public record Place(float activation, long text, int pos, List<String> tokens, List<Float> activations, int peak) {
        /** Copies the lists. */
        public Place {
            tokens = List.copyOf(tokens);
            activations = List.copyOf(activations);
        }

        /** The text around the place in one line, the token in brackets: {@code The·[cat]·sat}. */
        public String line() {
            StringBuilder line = new StringBuilder();
            for (int i = 0; i < tokens.size(); i++) {
                String token = TokenLabels.visible(tokens.get(i));
                line.append(i == peak ? "[" + token + "]" : token);
            }
            return line.toString();
        }
    }

    /**
     * What a neuron does on one token of the vocabulary.
     *
     * @param id in the vocabulary
     * @param token its text
     * @param max the highest activation on it
     * @param mean the mean activation on it
     * @param times how often it stood in the corpus
     */
    public record OnToken(long id, String token, float max, float mean, long times) {}

    /**
     * Looks through texts. One that is longer than the model reads is looked through in parts.
     *
     * @param texts read once, one after the other
     * @param neurons which
     * @param count how many places each keeps
     * @param context how many tokens on each side of a place are kept
     * @return one for each neuron, in their order
     */
    public static List<NeuronExamples> ofTexts(
            HookedTransformer model, Iterable<String> texts, List<Neuron> neurons, int count, int context) {
        Search search = new Search(model, neurons, count, context);
        for (String text : texts) {
            parts(model, text).forEach(search::look);
        }
        return search.found();
    }

    /**
     * Looks through tokens.
     *
     * @param corpus read once, one after the other; padding does not count
     * @param neurons which
     * @param count how many places each keeps
     * @param context how many tokens on each side of a place are kept
     * @return one for each neuron, in their order
     * @throws RangeException if the model has no such neuron, or no place is to be kept
     * @throws UsageException if its MLPs have no neurons of their own
     */
    public static List<NeuronExamples> of(
            HookedTransformer model, Iterable<Tokens> corpus, List<Neuron> neurons, int count, int context) {
        Search search = new Search(model, neurons, count, context);
        corpus.forEach(search::look);
        return search.found();
    }

    /** Refuses neurons a model does not have, and models whose neurons do not see every token. */
    static void requireNeurons(HookedTransformer model, Collection<Neuron> neurons) {
        if (!HookPoint.MLP_POST.isIn(model.config())) {
            throw new UsageException("%s has no neurons to look at: %s. Ask for its heads."
                    .formatted(
                            model.name(),
                            model.config().dMlp() == 0
                                    ? "it has no MLPs"
                                    : "its MLPs are mixtures of experts, whose neurons see some tokens only"));
        }
        if (neurons.isEmpty()) {
            throw new RangeException("No neuron of %s is asked for. Ask for at least one.".formatted(model.name()));
        }
        for (Neuron neuron : neurons) {
            RangeException.index("layer", neuron.layer(), model.config().nLayers(), model.name());
            RangeException.index("neuron", neuron.neuron(), model.config().dMlp(), model.name());
        }
    }

    /** A text as the model reads it, in as many parts as it takes, each with the token that begins a text. */
    private static List<Tokens> parts(HookedTransformer model, String text) {
        long[] ids = model.tokenizer().encode(text);
        int bos = model.config().bosTokenId();
        int room = model.config().nCtx() - (bos < 0 ? 0 : 1);
        List<Tokens> parts = new ArrayList<>();
        for (int start = 0; start < ids.length; start += room) {
            int length = Math.min(room, ids.length - start);
            long[] part = new long[length + (bos < 0 ? 0 : 1)];
            part[0] = bos;
            System.arraycopy(ids, start, part, part.length - length, length);
            parts.add(Tokens.of(part, model.tokenizer()));
        }
        return parts;
    }

    /** The tokens it is most active on, {@code [token]}: the highest activation on each. */
    public Grid tokenGrid(int most) {
        List<OnToken> shown = tokens.subList(0, Math.min(most, tokens.size()));
        float[] values = new float[shown.size()];
        List<String> labels = new ArrayList<>();
        for (int i = 0; i < values.length; i++) {
            values[i] = shown.get(i).max();
            labels.add(i + " " + TokenLabels.visible(shown.get(i).token()));
        }
        return new Grid(
                "Tokens on which %s is most active".formatted(neuron.label()),
                "activation",
                List.of(new Axis("token", labels)),
                values);
    }

    /** What was found so far. */
    private static final class Search {
        private final HookedTransformer model;
        private final int count;
        private final int context;
        private final Map<Neuron, Found> byNeuron = new LinkedHashMap<>();
        private long text;

        Search(HookedTransformer model, Collection<Neuron> neurons, int count, int context) {
            if (count < 1 || context < 0 || neurons.isEmpty()) {
                throw new RangeException(
                        "%d places of %d neurons with %d tokens around each are asked for. Ask for at least one place and neuron, and 0 tokens or more."
                                .formatted(count, neurons.size(), context));
            }
            requireNeurons(model, neurons);
            for (Neuron neuron : neurons) {
                byNeuron.put(neuron, new Found());
            }
            this.model = model;
            this.count = count;
            this.context = context;
        }

        void look(Tokens tokens) {
            String[] names =
                    byNeuron.keySet().stream().map(Search::name).distinct().toArray(String[]::new);
            try (ActivationCache cache = model.cache(tokens, names)) {
                byNeuron.forEach((neuron, found) -> {
                    float[] activations = cache.get(name(neuron), Map.of("d_mlp", Slice.at(neuron.neuron())))
                            .toFloatArray();
                    for (int row = 0; row < tokens.batch(); row++) {
                        look(found, tokens, row, activations);
                    }
                });
            }
            text += tokens.batch();
        }

        private static String name(Neuron neuron) {
            return new HookName(HookPoint.MLP_POST, neuron.layer()).full();
        }

        private void look(Found found, Tokens tokens, int row, float[] activations) {
            for (int pos = 0; pos < tokens.pos(); pos++) {
                if (tokens.isAttended(row, pos)) {
                    float activation = activations[row * tokens.pos() + pos];
                    found.positions++;
                    found.sums
                            .computeIfAbsent(tokens.ids(row).get(pos), id -> new Sum())
                            .add(activation);
                    if (found.best.size() < count
                            || activation > found.best.element().activation()) {
                        found.best.add(place(tokens, row, pos, activations));
                    }
                    if (found.best.size() > count) {
                        found.best.remove();
                    }
                }
            }
        }

        private Place place(Tokens tokens, int row, int pos, float[] activations) {
            int first = Math.max(0, pos - context);
            int end = Math.min(tokens.pos(), pos + context + 1);
            List<Float> around = new ArrayList<>();
            for (int i = first; i < end; i++) {
                around.add(activations[row * tokens.pos() + i]);
            }
            return new Place(
                    activations[row * tokens.pos() + pos],
                    text + row,
                    pos,
                    tokens.strings(row).subList(first, end),
                    around,
                    pos - first);
        }

        List<NeuronExamples> found() {
            List<NeuronExamples> all = new ArrayList<>();
            byNeuron.forEach((neuron, found) -> {
                List<Place> places = new ArrayList<>(found.best);
                places.sort(Comparator.comparingDouble(Place::activation)
                        .reversed()
                        .thenComparingLong(Place::text)
                        .thenComparingInt(Place::pos));
                List<OnToken> tokens = new ArrayList<>();
                found.sums.forEach((id, sum) ->
                        tokens.add(new OnToken(id, token(id), sum.max, (float) (sum.total / sum.times), sum.times)));
                tokens.sort(Comparator.comparingDouble(OnToken::max).reversed().thenComparingLong(OnToken::id));
                all.add(new NeuronExamples(neuron, places, tokens, found.positions));
            });
            return all;
        }

        private String token(long id) {
            return model.hasTokenizer() ? model.tokenizer().string(id) : Long.toString(id);
        }
    }

    /** What was found of one neuron. */
    private static final class Found {
        private final PriorityQueue<Place> best = new PriorityQueue<>(Comparator.comparingDouble(Place::activation));
        private final Map<Long, Sum> sums = new HashMap<>();
        private long positions;
    }

    /** The activations on one token. */
    private static final class Sum {
        private float max = Float.NEGATIVE_INFINITY;
        private double total;
        private long times;

        void add(float activation) {
            max = Math.max(max, activation);
            total += activation;
            times++;
        }
    }
}
