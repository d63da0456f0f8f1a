package org.lens4j.train.features;

import java.util.List;
import org.lens4j.error.ShapeException;
import org.lens4j.error.UnknownNameException;

/**
 * A linear reading of activations: one score for each class, or one number (Alain and Bengio, 2016). On the heap; nothing to
 * close.
 *
 * <pre>{@code
 * Steering more = Steering.add(probe.hook(), probe.direction("plural"), 4);
 * }</pre>
 */
public final class Probe {
    private final String hook;
    private final List<String> outputs;
    private final float[] weight;
    private final float[] bias;

    /**
     * Takes the arrays over.
     *
     * @param weight {@code [width output]}, row-major
     * @param bias {@code [output]}
     */
    Probe(String hook, List<String> outputs, float[] weight, float[] bias) {
        this.hook = hook;
        this.outputs = List.copyOf(outputs);
        this.weight = weight;
        this.bias = bias;
    }

    /** The hook point it reads. */
    public String hook() {
        return hook;
    }

    /** Names of its classes, or of its one number. */
    public List<String> outputs() {
        return outputs;
    }

    /** Numbers in a row it reads. */
    public int width() {
        return weight.length / bias.length;
    }

    /**
     * Its scores: of a class, the log of its odds up to a constant of the row; of a number, the number.
     *
     * @param rows row-major {@code [row width]}
     * @return row-major {@code [row output]}
     * @throws ShapeException if the rows have another width
     */
    public float[] scores(float... rows) {
        int width = width();
        if (rows.length % width != 0) {
            throw new ShapeException("The probe of %s reads rows of %d numbers, and %d numbers are no whole rows."
                    .formatted(hook, width, rows.length));
        }
        int count = rows.length / width;
        int size = bias.length;
        float[] scores = new float[count * size];
        for (int row = 0; row < count; row++) {
            for (int output = 0; output < size; output++) {
                double sum = bias[output];
                for (int i = 0; i < width; i++) {
                    sum += (double) rows[row * width + i] * weight[i * size + output];
                }
                scores[row * size + output] = (float) sum;
            }
        }
        return scores;
    }

    /**
     * The class with the greatest score, for each row; the number itself if there is one output.
     *
     * @param rows row-major {@code [row width]}
     */
    public double[] answers(float... rows) {
        float[] scores = scores(rows);
        int size = bias.length;
        double[] answers = new double[scores.length / size];
        for (int row = 0; row < answers.length; row++) {
            int best = 0;
            for (int output = 1; output < size; output++) {
                if (scores[row * size + output] > scores[row * size + best]) {
                    best = output;
                }
            }
            answers[row] = size == 1 ? scores[row] : best;
        }
        return answers;
    }

    /**
     * The direction along which a class becomes likelier than the mean of the others, or a number greater. Of length 1, so that
     * the strength of a steering is in units of the activation.
     *
     * @param output a class's name
     * @return {@code [width]}, a copy
     * @throws UnknownNameException if there is no such class
     */
    public float[] direction(String output) {
        int index = outputs.indexOf(output);
        if (index < 0) {
            throw UnknownNameException.of("class", output, "the probe of " + hook, outputs, "");
        }
        int size = bias.length;
        float[] direction = new float[width()];
        double squares = 0;
        for (int i = 0; i < direction.length; i++) {
            double mean = 0;
            for (int other = 0; other < size; other++) {
                mean += size == 1 ? 0 : weight[i * size + other] / size;
            }
            direction[i] = (float) (weight[i * size + index] - mean);
            squares += (double) direction[i] * direction[i];
        }
        double length = Math.max(Math.sqrt(squares), Float.MIN_NORMAL);
        for (int i = 0; i < direction.length; i++) {
            direction[i] = (float) (direction[i] / length);
        }
        return direction;
    }
}
