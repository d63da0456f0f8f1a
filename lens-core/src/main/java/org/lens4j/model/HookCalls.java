package org.lens4j.model;

import ai.djl.ndarray.NDArray;
import org.lens4j.error.HookFailedException;
import org.lens4j.error.ShapeException;
import org.lens4j.hook.Hook;
import org.lens4j.hook.HookName;
import org.lens4j.hook.Hooks;
import org.lens4j.tensor.Axes;
import org.lens4j.tensor.Kernels;
import org.lens4j.tensor.LentTensor;

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
     * The hook works on a copy that is gone when it returns, and its answer is copied: neither may be Java memory or alias
     * what was cached. Both copies are made by kernels, which autograd records; DJL's are not, and would end the way back here.
     */
    static NDArray edited(HookName name, Hook hook, Axes axes, NDArray activation) {
        try (NDArray copy = Kernels.call("copy", activation, activation);
                NDArray lent = LentTensor.of(copy, gone(name))) {
            return Kernels.call("copy", activation, checked(name, axes, activation, answer(name, hook, lent)));
        }
    }

    private static NDArray answer(HookName name, Hook hook, NDArray lent) {
        NDArray answer;
        try {
            answer = hook.apply(lent, name);
        } catch (RuntimeException e) {
            throw new HookFailedException(name.full(), e);
        }
        if (answer == null) {
            throw new HookFailedException(
                    name.full(), new NullPointerException("nothing; an edit gives the tensor back (return it)"));
        }
        return answer;
    }

    private static NDArray checked(HookName name, Axes axes, NDArray activation, NDArray answer) {
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
        return answer;
    }

    static void observed(HookName name, Hook.Observer observer, NDArray activation) {
        try (NDArray lent = LentTensor.of(activation, gone(name))) {
            observer.see(lent, name);
        } catch (RuntimeException e) {
            throw new HookFailedException(name.full(), e);
        }
    }

    private static String gone(HookName name) {
        return "The tensor that a function saw at %s is gone: it was there until the function returned. Keep a copy inside the function: kept.keep(tensor, at), with Kept kept = new Kept()."
                .formatted(name);
    }
}
