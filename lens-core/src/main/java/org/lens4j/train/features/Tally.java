package org.lens4j.train.features;

import java.util.Arrays;
import java.util.List;
import org.lens4j.analysis.Axis;
import org.lens4j.analysis.Grid;

/** Labels and a probe's answers, counted: shares that are right for classes, R² for a number. */
final class Tally {
    private final List<String> outputs;
    private final double centre;
    private final long[][] answered;
    private long count;
    private double sum;
    private double squares;
    private double errors;

    /**
     * Nothing counted yet.
     *
     * @param centre near the mean of the numbers, so that their squares stay exact
     */
    Tally(List<String> outputs, double centre) {
        this.outputs = outputs;
        this.centre = centre;
        this.answered = new long[outputs.size()][outputs.size()];
    }

    void add(double label, double answer) {
        count++;
        if (outputs.size() > 1) {
            answered[(int) label][(int) answer]++;
        }
        sum += label - centre;
        squares += (label - centre) * (label - centre);
        errors += (answer - label) * (answer - label);
    }

    /** The share that is right, or 1 less the squared errors over the squared distances from the mean. */
    float score() {
        if (outputs.size() > 1) {
            long right = 0;
            for (int label = 0; label < answered.length; label++) {
                right += answered[label][label];
            }
            return (float) right / count;
        }
        return (float) (1 - errors / (squares - sum * sum / count));
    }

    /** What always answering the commonest class, or the mean, would come to. */
    float baseline() {
        long commonest = Arrays.stream(answered)
                .mapToLong(it -> Arrays.stream(it).sum())
                .max()
                .orElse(0);
        return outputs.size() > 1 ? (float) commonest / count : 0;
    }

    Grid confusion() {
        int size = outputs.size();
        float[] shares = new float[size * size];
        for (int label = 0; label < size; label++) {
            long all = Arrays.stream(answered[label]).sum();
            for (int answer = 0; answer < size; answer++) {
                shares[label * size + answer] = all == 0 ? Float.NaN : (float) answered[label][answer] / all;
            }
        }
        return new Grid(
                "Answers for each class",
                "share of the class",
                List.of(new Axis("label", outputs), new Axis("answer", outputs)),
                shares);
    }
}
