package org.lens4j.analysis.parity;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.lens4j.error.Closest;
import org.lens4j.hook.HookCatalogue;
import org.lens4j.hook.HookName;
import org.lens4j.model.HookedEncoderDecoder;
import org.lens4j.model.HookedModel;
import org.lens4j.model.Run;
import org.lens4j.model.RunOptions;
import org.lens4j.tensor.Axes;
import org.lens4j.tensor.Kernels;
import org.lens4j.tensor.Scope;
import org.lens4j.text.Tokens;

/**
 * A model's activations beside a reference's, tensor by tensor.
 *
 * <pre>{@code
 * Parity parity = Parity.of(model, Reference.open(file, "raw"), RunOptions.defaults(), Parity.TOLERANCE);
 * parity.worst().ifPresent(System.out::println);
 * }</pre>
 *
 * @param findings one for each tensor of the reference, in the order the model computes them; what the model lacks last
 * @param absent hook points of the model that fire and that the reference lacks
 * @param tolerance the largest {@link Difference#relative} that counts as equal
 */
public record Parity(List<Finding> findings, List<String> absent, double tolerance) {
    /** What two float32 implementations that add in another order stay within, absolute and relative. */
    public static final double TOLERANCE = 1e-4;

    static final String LOGITS = "logits";
    private static final String LOSS = "loss";
    private static final String LOSS_PER_TOKEN = "loss_per_token";
    private static final Map<String, Axes> RESULTS = Map.of(
            LOGITS, Axes.of("batch pos d_vocab"), LOSS_PER_TOKEN, Axes.of("batch pos"), LOSS, new Axes(List.of()));
    private static final int SUGGESTED = 3;

    /** Copies the lists. */
    public Parity {
        findings = List.copyOf(findings);
        absent = List.copyOf(absent);
    }

    /**
     * Runs a model on a reference's tokens and compares everything.
     *
     * @param options the switches that are on; what it says of hooks holds too
     * @param tolerance the largest relative difference that counts as equal
     * @throws org.lens4j.error.RangeException if the model cannot be fed the tokens
     */
    public static Parity of(HookedModel model, Reference reference, RunOptions options, double tolerance) {
        HookCatalogue hooks = model.hooks();
        List<HookName> firing = hooks.matching(List.of("*"), options.gates());
        List<String> names = reference.names();
        List<String> wanted =
                firing.stream().map(HookName::full).filter(names::contains).toList();
        try (Run run = run(model, reference, options.withCached(wanted));
                Scope scope = Scope.root()) {
            Map<String, NDArray> computed = new LinkedHashMap<>();
            run.cache().names().forEach(it -> computed.put(it, run.cache().get(it)));
            results(run, names, scope).forEach(computed::put);
            List<Finding> findings = new ArrayList<>();
            computed.forEach(
                    (name, tensor) -> findings.add(compared(reference, name, axes(hooks, name, options), tensor)));
            names.stream()
                    .filter(it -> !computed.containsKey(it))
                    .map(it -> missing(hooks, it, options))
                    .forEach(findings::add);
            List<String> absent = firing.stream()
                    .map(HookName::full)
                    .filter(it -> !names.contains(it))
                    .toList();
            return new Parity(findings, absent, tolerance);
        }
    }

    private static Run run(HookedModel model, Reference reference, RunOptions options) {
        Optional<Tokens> said = reference.decoderTokens();
        return model instanceof HookedEncoderDecoder two && said.isPresent()
                ? two.run(reference.tokens(), said.get(), options)
                : model.run(reference.tokens(), options);
    }

    /** What a run gives besides activations, as far as the reference has it. */
    private static Map<String, NDArray> results(Run run, List<String> names, Scope scope) {
        Map<String, NDArray> results = new LinkedHashMap<>();
        if (names.contains(LOGITS)) {
            results.put(LOGITS, run.logits());
        }
        if (names.contains(LOSS) || names.contains(LOSS_PER_TOKEN)) {
            NDArray logits = scope.alias(run.logits());
            NDArray perToken =
                    Kernels.call("next_token_loss", logits, run.tokens().tensor(scope));
            results.put(LOSS, perToken.mean());
            results.put(LOSS_PER_TOKEN, perToken);
            results.keySet().retainAll(names);
        }
        return results;
    }

    private static Axes axes(HookCatalogue hooks, String name, RunOptions options) {
        return Optional.ofNullable(RESULTS.get(name)).orElseGet(() -> hooks.axes(hooks.named(name), options.gates()));
    }

    private static Finding compared(Reference reference, String name, Axes axes, NDArray tensor) {
        List<Long> expected = reference.shape(name);
        List<Long> actual = LongStream.of(tensor.getShape().getShape()).boxed().toList();
        if (!expected.equals(actual)) {
            return new Finding.Misshapen(name, expected, actual);
        }
        Difference difference = Difference.of(reference.values(name), values(tensor));
        return new Finding.Compared(name, expected, difference, where(difference, axes, expected));
    }

    private static float[] values(NDArray tensor) {
        return tensor.getDataType() == DataType.INT64 ? Reference.floats(tensor.toLongArray()) : tensor.toFloatArray();
    }

    private static String where(Difference difference, Axes axes, List<Long> shape) {
        if (difference.relative() == 0) {
            return "";
        }
        long[] place = new long[shape.size()];
        long rest = difference.index();
        for (int axis = place.length - 1; axis >= 0; axis--) {
            place[axis] = rest % shape.get(axis);
            rest /= shape.get(axis);
        }
        return place.length == axes.rank() ? axes.describe(new Shape(place)) : Arrays.toString(place);
    }

    private static Finding missing(HookCatalogue hooks, String name, RunOptions options) {
        Optional<HookName> known =
                hooks.all().stream().filter(it -> it.full().equals(name)).findFirst();
        Optional<Finding> off = known.filter(it -> !HookCatalogue.isOpen(it, options.gates()))
                .flatMap(it -> it.point().gate())
                .map(gate -> new Finding.Off(name, gate));
        return off.orElseGet(() -> new Finding.Unknown(name, Closest.to(name, comparable(hooks, name), SUGGESTED)));
    }

    private static List<String> comparable(HookCatalogue hooks, String but) {
        return Stream.concat(hooks.all().stream().map(HookName::full), Stream.of(LOGITS, LOSS, LOSS_PER_TOKEN))
                .filter(it -> !it.equals(but))
                .toList();
    }

    /** The tensors that were compared, in the order the model computes them. */
    public List<Finding.Compared> compared() {
        return findings.stream()
                .filter(Finding.Compared.class::isInstance)
                .map(Finding.Compared.class::cast)
                .toList();
    }

    /** The compared tensor that is farthest from its reference. */
    public Optional<Finding.Compared> worst() {
        return compared().stream()
                .max(Comparator.comparingDouble(it -> it.difference().relative()));
    }

    /** Whether a finding counts as equal. */
    public boolean agrees(Finding finding) {
        return finding instanceof Finding.Compared compared
                && compared.difference().relative() <= tolerance;
    }

    /** Everything that does not agree, in the order of the findings. */
    public List<Finding> disagreements() {
        return findings.stream().filter(it -> !agrees(it)).toList();
    }

    /** Whether there was something to compare, and all of it agrees. */
    public boolean holds() {
        return !findings.isEmpty() && disagreements().isEmpty();
    }
}
