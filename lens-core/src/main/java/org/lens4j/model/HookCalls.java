package org.lens4j.model;

import ai.djl.ndarray.NDArray;
import org.lens4j.error.HookFailedException;
import org.lens4j.error.ShapeException;
import org.lens4j.hook.Hook;
import org.lens4j.hook.HookName;
import org.lens4j.hook.Hooks;
import org.lens4j.tensor.Axes;
import org.lens4j.tensor.Kernels;

/** How a function at a hook point is called: with a copy, and its answer checked and copied. */
final class HookCalls {
    private HookCalls() {}

    /** Shows a gradient to a function, or lets one replace it. */
    static NDArray onGradient(HookName name, Axes axes, Hooks.Action action, NDArray gradient) {
        if (action instanceof Hooks.Action.EditGradient edit) {
            return edited(name, edit.hook(), axes, gradient);
        }
        if (action instanceof Hooks.Action.ObserveGradient observe) {
            observed(name, observe.observer(), gradient);
        }
        return gradient;
    }

    /**
     * The hook works on a copy, and its answer is copied: neither may be Java memory or alias what was cached. Both copies are
     * made by kernels, which autograd records; DJL's are not, and would end the way back here.
     */
    static NDArray edited(HookName name, Hook hook, Axes axes, NDArray activation) {
        NDArray copy = Kernels.call("copy", activation, activation);
        NDArray answer;
        try {
            answer = hook.apply(copy, name);
        } catch (RuntimeException e) {
            throw new HookFailedException(name.full(), e);
        }
        if (answer == null) {
            throw new HookFailedException(
                    name.full(), new NullPointerException("nothing; an edit gives the tensor back (return it)"));
        }
        if (!answer.getShape().equals(activation.getShape()) || answer.getDataType() != activation.getDataType()) {
            throw new ShapeException(
                    "The hook on %s gave back %s %s in place of %s %s. Give back a tensor of that shape and type."
                            .formatted(
                                    name,
                                    answer.getDataType(),
                                    axes.describe(answer.getShape()),
                                    activation.getDataType(),
                                    axes.describe(activation.getShape())));
        }
        return Kernels.call("copy", activation, answer);
    }

    static void observed(HookName name, Hook.Observer observer, NDArray activation) {
        try {
            observer.see(activation, name);
        } catch (RuntimeException e) {
            throw new HookFailedException(name.full(), e);
        }
    }
}
