package org.lens4j.analysis.patching;

import java.util.List;
import java.util.function.Function;
import org.lens4j.analysis.Grid;
import org.lens4j.model.HookedTransformer;
import org.lens4j.tensor.Autograd;
import org.lens4j.tensor.Scope;
import org.lens4j.text.Tokens;

/**
 * What a model does without one of its parts: a sweep as activation patching is, which writes something in place of an
 * activation that knows nothing of the prompt.
 *
 * <pre>{@code
 * PatchResult result = Ablation.zero(model, tokens, PatchMetric.loss()).run(PatchSite.headOut());
 * Grid worse = Ablation.change(result.scores("loss"));       // [layer head], nats
 * }</pre>
 *
 * <p>The result's clean values are those of the whole model.
 *
 * @param model stays with the caller
 * @param tokens what it reads, {@code [prompt pos]}
 * @param metrics computed of every ablation, at least one
 * @param instead gives what is written, for a site
 * @param rows most rows of a batch; 0 to choose
 * @param listener told how far it is, and asked whether to go on
 */
public record Ablation(
        HookedTransformer model,
        Tokens tokens,
        List<PatchMetric> metrics,
        Function<PatchSite, Instead> instead,
        int rows,
        PatchListener listener) {
    /** Copies the metrics. */
    public Ablation {
        metrics = List.copyOf(metrics);
    }

    /** Zeros in place of each activation. */
    public static Ablation zero(HookedTransformer model, Tokens tokens, PatchMetric... metrics) {
        return of(model, tokens, site -> Instead.zero(model, tokens, site), metrics);
    }

    /**
     * The mean over the tokens of a dataset in place of each activation, padding left out.
     *
     * @param dataset of any size; sites at patterns need none and take none
     */
    public static Ablation mean(HookedTransformer model, Tokens tokens, Tokens dataset, PatchMetric... metrics) {
        return of(model, tokens, site -> Instead.mean(model, tokens, dataset, site), metrics);
    }

    /**
     * Activations of other prompts in place of each: prompt by prompt those of one that is drawn from a dataset.
     *
     * @param dataset prompts as long as the tokens
     * @param seed the same seed draws the same prompts
     */
    public static Ablation resample(
            HookedTransformer model, Tokens tokens, Tokens dataset, long seed, PatchMetric... metrics) {
        return of(model, tokens, site -> Instead.resample(model, tokens, dataset, seed, site), metrics);
    }

    private static Ablation of(
            HookedTransformer model, Tokens tokens, Function<PatchSite, Instead> instead, PatchMetric... metrics) {
        return new Ablation(model, tokens, List.of(metrics), instead, 0, PatchListener.none());
    }

    /** With at most so many rows in a batch; it has no influence on the result. */
    public Ablation withRows(int most) {
        return new Ablation(model, tokens, metrics, instead, most, listener);
    }

    /** Tells somebody how far it is. */
    public Ablation withListener(PatchListener told) {
        return new Ablation(model, tokens, metrics, instead, rows, told);
    }

    /**
     * Ablates every part of a site, one at a time. Stopped as {@link ActivationPatch#run} is.
     *
     * @throws org.lens4j.error.UnknownNameException if the model has no such hook point
     */
    public PatchResult run(PatchSite site) {
        return Sweep.telling(listener, () -> sweep(site));
    }

    private PatchResult sweep(PatchSite site) {
        model.check(tokens);
        return Autograd.recording(false, () -> {
            try (Scope scope = Scope.root();
                    BaseRun base = BaseRun.of(model, tokens);
                    Source source = instead.apply(site).source()) {
                Baselines baselines = Baselines.alone(model, base, metrics, scope);
                Readout readout = new Readout(model, tokens, metrics, baselines.cleanLast());
                Sweep sweep = new Sweep(readout, base, source, site, new Sweep.Pace(rows, listener));
                return baselines.result("without " + site.name(), sweep.run());
            }
        });
    }

    /** How far each ablation takes a metric from the whole model's, mean over the prompts. */
    public static Grid change(PatchScores scores) {
        return scores.changes().mean();
    }
}
