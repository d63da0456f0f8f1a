package org.lens4j.analysis.patching;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.lens4j.analysis.Axis;
import org.lens4j.error.RangeException;
import org.lens4j.model.HookedTransformer;
import org.lens4j.tensor.Autograd;
import org.lens4j.tensor.Scope;
import org.lens4j.text.Tokens;

/**
 * Activation patching (Meng et al., 2022; Wang et al., 2022): which activation, taken from the clean run into the corrupted
 * one, brings the answer back. TransformerLens: {@code transformer_lens.patching}.
 *
 * <pre>{@code
 * Grid grid = ActivationPatch.of(model, PatchPairs.of(clean, corrupted), PatchMetric.logitDifference(mary, john))
 *         .run(PatchSite.residPre())
 *         .grid();       // [layer pos]
 * }</pre>
 *
 * <p>No patch costs a whole forward pass: many are rows of one batch, a row joins it at the layer it is patched in, nothing
 * before its position is computed again, and logits are computed only where a metric looks. Functions that are attached to the
 * model are called with such batches, positions complete.
 *
 * @param model stays with the caller
 * @param pairs clean and corrupted prompts
 * @param metrics computed of every patch, at least one
 * @param noising whether corrupted activations go into the clean run, and not clean ones into the corrupted run
 * @param rows most rows of a batch; 0 to choose
 * @param listener told how far it is, and asked whether to go on
 */
public record ActivationPatch(
        HookedTransformer model,
        PatchPairs pairs,
        List<PatchMetric> metrics,
        boolean noising,
        int rows,
        PatchListener listener)
        implements Patching {
    /** Copies the metrics. */
    public ActivationPatch {
        metrics = List.copyOf(metrics);
        if (metrics.isEmpty() || rows < 0) {
            throw new RangeException(
                    "A sweep has %d metrics and batches of %d rows. Give at least one metric, and 0 rows to let it choose."
                            .formatted(metrics.size(), rows));
        }
    }

    /**
     * Clean activations into the corrupted run.
     *
     * @param metrics computed of every patch, at least one
     */
    public static ActivationPatch of(HookedTransformer model, PatchPairs pairs, PatchMetric... metrics) {
        return new ActivationPatch(model, pairs, List.of(metrics), false, 0, PatchListener.none());
    }

    /** The other way: corrupted activations into the clean run. */
    public ActivationPatch withNoising() {
        return new ActivationPatch(model, pairs, metrics, true, rows, listener);
    }

    /** With at most so many rows in a batch, one row for each patch and prompt; it has no influence on the result. */
    public ActivationPatch withRows(int most) {
        return new ActivationPatch(model, pairs, metrics, noising, most, listener);
    }

    @Override
    public ActivationPatch withListener(PatchListener told) {
        return new ActivationPatch(model, pairs, metrics, noising, rows, told);
    }

    @Override
    public PatchResult run(PatchSite site) {
        return Sweep.telling(listener, () -> measured(site).result());
    }

    /** {@link #run}, before it is put on the metrics' scales. */
    Measured measured(PatchSite site) {
        model.check(pairs.clean());
        model.check(pairs.corrupted());
        Tokens patched = noising ? pairs.clean() : pairs.corrupted();
        Tokens other = noising ? pairs.corrupted() : pairs.clean();
        return Autograd.recording(false, () -> {
            try (Scope scope = Scope.root();
                    BaseRun base = BaseRun.of(model, patched);
                    Source source = OtherRun.of(model, other, site)) {
                Baselines baselines = Baselines.of(model, pairs, metrics, scope, base, noising);
                Readout readout = new Readout(model, patched, metrics, baselines.cleanLast());
                Sweep sweep = new Sweep(readout, base, source, site, new Sweep.Pace(rows, listener));
                return new Measured(site.name(), baselines.levels(), sweep.run());
            }
        });
    }

    /**
     * Each head's output, queries, keys, values and pattern, {@code [kind layer head]}. A key head's number stands at every head
     * that shares it. TransformerLens: {@code get_act_patch_attn_head_all_pos_every}.
     */
    public PatchResult everyHead() {
        return heads(
                "heads",
                PatchSite.headOut(),
                PatchSite.headQ(),
                PatchSite.headK(),
                PatchSite.headV(),
                PatchSite.headPattern());
    }

    /** The same by position, {@code [kind layer pos head]}. TransformerLens: {@code get_act_patch_attn_head_by_pos_every}. */
    public PatchResult everyHeadByPos() {
        return heads(
                "heads by position",
                PatchSite.headOutByPos(),
                PatchSite.headQByPos(),
                PatchSite.headKByPos(),
                PatchSite.headVByPos(),
                PatchSite.headPatternByPosAsOthers());
    }

    private PatchResult heads(String name, PatchSite... sites) {
        return PatchResult.stacked(
                name,
                new Axis("kind", List.of("out", "q", "k", "v", "pattern")),
                each(sites).stream()
                        .map(it -> it.forEveryHead(model.config().nHeads()))
                        .toList());
    }

    /** The residual stream, attention and MLP, {@code [kind layer pos]}. TransformerLens: {@code get_act_patch_block_every}. */
    public PatchResult everyBlock() {
        return PatchResult.stacked(
                "blocks",
                new Axis("kind", List.of("resid_pre", "attn_out", "mlp_out")),
                each(PatchSite.residPre(), PatchSite.attnOut(), PatchSite.mlpOut()));
    }

    private List<PatchResult> each(PatchSite... sites) {
        List<Integer> sizes = Arrays.stream(sites)
                .map(it -> Sweep.size(Sweep.axes(model, pairs.corrupted(), it)))
                .toList();
        int of = sizes.stream().mapToInt(Integer::intValue).sum();
        return Sweep.telling(listener, () -> {
            List<PatchResult> results = new ArrayList<>();
            int before = 0;
            for (int i = 0; i < sites.length; i++) {
                results.add(withListener(new PartOfSweeps(listener, before, of)).run(sites[i]));
                before += sizes.get(i);
            }
            return results;
        });
    }
}
