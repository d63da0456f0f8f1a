package org.lens4j.train;

import ai.djl.ndarray.NDArray;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.lens4j.tensor.Autograd;
import org.lens4j.tensor.Kernels;
import org.lens4j.tensor.Scope;

/**
 * Adam (Kingma and Ba, 2015) with decoupled weight decay (Loshchilov and Hutter, 2019). Changes parameters in place; its
 * running means are native memory of its own, freed when it is closed.
 *
 * <pre>{@code
 * Autograd.backward(loss);
 * double length = adam.step(1e-3);   // and the gradients are zero again
 * }</pre>
 */
public final class Adam implements AutoCloseable {
    private static final float EPS = 1e-8f;

    /**
     * The constants of the rule.
     *
     * @param beta1 how much of the mean gradient stays in each step
     * @param beta2 how much of the mean squared gradient stays in each step
     * @param weightDecay times the learning rate, for parameters of rank 2 and above
     * @param clip the greatest length of the whole gradient
     */
    public record Rule(double beta1, double beta2, double weightDecay, double clip) {}

    private record Slot(NDArray parameter, NDArray mean, NDArray square) {
        boolean decays() {
            return parameter.getShape().dimension() > 1;
        }
    }

    private final Rule rule;
    private final Scope scope = Scope.root();
    private final List<Slot> slots = new ArrayList<>();
    private final NDArray beta1;
    private final NDArray beta2;
    private final NDArray eps;
    private int steps;

    /**
     * An optimiser at its first step.
     *
     * @param rule its constants
     * @param parameters tracked by {@link Autograd}; they stay their owner's
     */
    public Adam(Rule rule, Collection<NDArray> parameters) {
        this.rule = rule;
        this.beta1 = scope.scalar((float) rule.beta1());
        this.beta2 = scope.scalar((float) rule.beta2());
        this.eps = scope.scalar(EPS);
        for (NDArray parameter : parameters) {
            slots.add(new Slot(parameter, scope.zeros(parameter.getShape()), scope.zeros(parameter.getShape())));
        }
    }

    /**
     * Moves every parameter that has a gradient, then sets the gradients to zero.
     *
     * @param learningRate of this step
     * @return the length of the gradient before it was clipped; where it is not finite, nothing was moved
     */
    public double step(double learningRate) {
        try (Scope inside = new Scope(scope)) {
            List<Slot> reached = new ArrayList<>();
            List<NDArray> gradients = new ArrayList<>();
            double squares = 0;
            for (Slot slot : slots) {
                for (NDArray gradient :
                        Autograd.gradient(slot.parameter).stream().toList()) {
                    reached.add(slot);
                    gradients.add(inside.adopt(gradient));
                    squares += Autograd.recording(false, () -> Kernels.call("sum_of_squares", gradient))
                            .getFloat();
                }
            }
            double length = Math.sqrt(squares);
            if (Double.isFinite(length)) {
                steps++;
                double shrink = length > rule.clip() ? rule.clip() / length : 1;
                for (int i = 0; i < reached.size(); i++) {
                    move(reached.get(i), gradients.get(i), new Pace(learningRate, shrink), inside);
                }
            }
            gradients.forEach(gradient -> Kernels.inPlace("zero_in_place", gradient));
            return length;
        }
    }

    /** How far this step goes, and by how much gradients are shortened. */
    private record Pace(double learningRate, double shrink) {}

    private void move(Slot slot, NDArray gradient, Pace pace, Scope inside) {
        if (pace.shrink < 1) {
            Kernels.inPlace("scale_in_place", gradient, inside.scalar((float) pace.shrink));
        }
        Kernels.inPlace("adam_mean_in_place", slot.mean, gradient, beta1);
        Kernels.inPlace("adam_square_in_place", slot.square, gradient, beta2);
        if (slot.decays() && rule.weightDecay() > 0) {
            NDArray stays = inside.scalar((float) (1 - pace.learningRate * rule.weightDecay()));
            Kernels.inPlace("scale_in_place", slot.parameter, stays);
        }
        // Both means start at zero, so early ones are too small: Adam divides that out.
        NDArray rate = inside.scalar((float) (pace.learningRate / (1 - Math.pow(rule.beta1(), steps))));
        NDArray correction = inside.scalar((float) (1 - Math.pow(rule.beta2(), steps)));
        Kernels.inPlace("adam_move_in_place", slot.parameter, slot.mean, slot.square, rate, correction, eps);
    }

    @Override
    public void close() {
        scope.close();
    }
}
