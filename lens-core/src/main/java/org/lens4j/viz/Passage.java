package org.lens4j.viz;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.lens4j.analysis.circuits.NeuronExamples.Place;

/**
 * A stretch of a text with places of a neuron in it.
 *
 * @param text which text
 * @param from the position of its first token
 * @param tokens as they follow each other
 * @param activations on each token
 * @param peaks positions of the places, the strongest first
 */
record Passage(long text, int from, List<String> tokens, List<Float> activations, List<Integer> peaks) {
    Passage {
        tokens = List.copyOf(tokens);
        activations = List.copyOf(activations);
        peaks = List.copyOf(peaks);
    }

    /** What stands around the places, each token once; the passage with the strongest place first. */
    static List<Passage> around(List<Place> places) {
        List<Passage> passages = new ArrayList<>();
        for (Place place : places) {
            Passage passage = new Passage(
                    place.text(),
                    place.pos() - place.peak(),
                    place.tokens(),
                    place.activations(),
                    List.of(place.pos()));
            int at = passages.size();
            // One that touches several makes one of them.
            for (int i = passages.size() - 1; i >= 0; i--) {
                if (passages.get(i).touches(passage)) {
                    passage = passages.remove(i).joined(passage);
                    at = i;
                }
            }
            passages.add(at, passage);
        }
        return passages;
    }

    /** The activation of its strongest place. */
    float activation() {
        return activations.get(peaks.get(0) - from);
    }

    private int end() {
        return from + tokens.size();
    }

    private boolean touches(Passage other) {
        return text == other.text && from <= other.end() && other.from <= end();
    }

    private Passage joined(Passage other) {
        boolean before = from <= other.from;
        Passage first = before ? this : other;
        Passage second = before ? other : this;
        int known = Math.min(first.end() - second.from, second.tokens.size());
        return new Passage(
                text,
                first.from,
                Stream.concat(first.tokens.stream(), second.tokens.stream().skip(known))
                        .toList(),
                Stream.concat(
                                first.activations.stream(),
                                second.activations.stream().skip(known))
                        .toList(),
                Stream.concat(peaks.stream(), other.peaks.stream()).toList());
    }
}
