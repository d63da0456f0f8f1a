package org.lens4j.train.features;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.lens4j.error.ShapeException;
import org.lens4j.error.UnknownNameException;
import org.lens4j.model.Metric;
import org.lens4j.tensor.Autograd;
import org.lens4j.tensor.Kernels;
import org.lens4j.tensor.Scope;

/** What passes through autoencoders in one run, edited on the way, and its gradients. */
final class InsideValues implements AutoCloseable {
    private final SpliceOptions options;
    private final Scope scope = Scope.root();
    private final Map<String, NDArray> values = new LinkedHashMap<>();
    private final Map<String, NDArray> gradients = new LinkedHashMap<>();

    InsideValues(SpliceOptions options) {
        this.options = options;
    }

    /** An activation through an autoencoder: what the model goes on with, like it. */
    NDArray through(Splice splice, SaeTensors tensors, NDArray activation) {
        NDArray rows = activation.reshape(
                activation.getShape().get(0),
                activation.getShape().get(1),
                splice.sae().dIn());
        String hook = splice.hook();
        NDArray input = at(SaePoint.INPUT.in(hook), rows);
        NDArray pre = at(SaePoint.ACTS_PRE.in(hook), tensors.pre(input));
        NDArray acts = at(SaePoint.ACTS_POST.in(hook), tensors.acts(pre));
        NDArray output = at(SaePoint.RECONS.in(hook), tensors.recons(acts));
        if (splice.errorTerm()) {
            // Of the reconstruction without edits, and a constant: an edit must not be undone by what it leaves behind.
            NDArray error = Autograd.recording(false, () -> rows.sub(tensors.recons(tensors.acts(tensors.pre(rows)))));
            output = output.add(at(SaePoint.ERROR.in(hook), error));
        }
        return at(SaePoint.OUTPUT.in(hook), output).reshape(activation.getShape());
    }

    private NDArray at(String name, NDArray value) {
        NDArray current = value;
        for (SpliceOptions.Edit edit : options.edits()) {
            if (edit.name().equals(name)) {
                current = edited(edit, current);
            }
        }
        if (options.metric().isPresent() && !Autograd.isRecorded(current)) {
            current = current.duplicate();
            Autograd.track(current);
        }
        NDArray kept = scope.handle(current);
        Optional.ofNullable(values.put(name, kept)).ifPresent(NDArray::close);
        return current;
    }

    /** The function gets a copy and its answer is copied: neither may be Java memory or alias what is kept. */
    private static NDArray edited(SpliceOptions.Edit edit, NDArray value) {
        try (NDArray copy = value.duplicate()) {
            NDArray answer = edit.change().apply(copy);
            if (answer == null
                    || !answer.getShape().equals(value.getShape())
                    || answer.getDataType() != value.getDataType()) {
                throw new ShapeException(
                        "The edit at %s gave back %s in place of %s %s. Give back a tensor of that shape and type."
                                .formatted(
                                        edit.name(),
                                        answer == null ? "nothing" : answer.getDataType() + " " + answer.getShape(),
                                        value.getDataType(),
                                        value.getShape()));
            }
            NDArray replaced = answer.duplicate();
            replaced.attach(value.getManager());
            return replaced;
        }
    }

    /** The metric, and beside it its gradients by all that passed. */
    Metric watching(Metric metric) {
        return (logits, tokens, inside) -> {
            NDArray number = metric.value(logits, tokens, inside);
            if (number.size() == 1 && Autograd.isRecorded(number)) {
                NDList found = Kernels.gradients(
                        number, inside.constant(1, number.getShape()), new NDList(List.copyOf(values.values())));
                int next = 0;
                for (String name : values.keySet()) {
                    gradients.put(name, scope.adopt(found.get(next)));
                    next++;
                }
            }
            return number;
        };
    }

    /** Lets the graph go; what is kept stays. */
    void settle() {
        values.replaceAll((name, value) -> {
            try (value) {
                return scope.alias(value);
            }
        });
    }

    NDArray value(String name) {
        return found("activation", name, values, "");
    }

    NDArray gradient(String name) {
        return found("gradient", name, gradients, "Ask for gradients: SpliceOptions.withMetric(…).");
    }

    private static NDArray found(String kind, String name, Map<String, NDArray> among, String advice) {
        return Optional.ofNullable(among.get(name))
                .orElseThrow(() -> UnknownNameException.of(kind, name, "this spliced run", among.keySet(), advice));
    }

    @Override
    public void close() {
        values.clear();
        gradients.clear();
        scope.close();
    }
}
