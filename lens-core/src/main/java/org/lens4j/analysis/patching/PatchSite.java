package org.lens4j.analysis.patching;

import ai.djl.ndarray.NDArray;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.lens4j.error.Advice;
import org.lens4j.error.RangeException;
import org.lens4j.error.UnknownNameException;
import org.lens4j.error.UsageException;
import org.lens4j.hook.HookPoint;

/**
 * What is patched: a hook point of every layer, and the axes along which one patch after the other is made. What TransformerLens
 * has a function {@code get_act_patch_…} for is a constant method here; others are made with {@link #slices} and
 * {@link #custom}.
 *
 * <pre>{@code
 * PatchSite.headOut()                        // [layer head], TransformerLens's attn_head_out_all_pos
 * PatchSite.slices("ln1", HookPoint.LN1_NORMALIZED, PatchAxis.LAYER, PatchAxis.POS)
 * }</pre>
 *
 * @param name for titles and the command line
 * @param point where
 * @param axes of the grid, layer first
 * @param setter how a patch is written; empty for all that stands at its indices
 * @param layers those patched; empty for all
 */
public record PatchSite(
        String name, HookPoint point, List<PatchAxis> axes, Optional<PatchSetter> setter, List<Integer> layers) {
    /** Checks that the point is in a block and has the axes. */
    public PatchSite {
        axes = List.copyOf(axes);
        layers = List.copyOf(layers);
        if (axes.isEmpty()
                || axes.get(0) != PatchAxis.LAYER
                || axes.stream().distinct().count() < axes.size()) {
            throw new UsageException(
                    "The patches of \"%s\" run along %s. Name each axis once, layer first.".formatted(name, axes));
        }
        if (!point.inBlock() || point.inExpert() || point.axes().indexOf("batch") != 0 || point.holdsIds()) {
            throw new UsageException(
                    "%s cannot be patched layer by layer and prompt by prompt. Choose a point of a block with a batch axis, such as hook_resid_pre."
                            .formatted(point.template()));
        }
        if (setter.isEmpty()) {
            for (PatchAxis axis : axes.subList(1, axes.size())) {
                if (axis.in(point.axes()) < 0) {
                    throw UnknownNameException.of(
                            "axis",
                            axis.label(),
                            point.template(),
                            point.axes().names(),
                            "Its axes are %s.".formatted(point.axes()));
                }
            }
        }
    }

    private static PatchSite site(String name, HookPoint point, PatchAxis... rest) {
        List<PatchAxis> axes = new ArrayList<>(List.of(PatchAxis.LAYER));
        axes.addAll(Arrays.asList(rest));
        return new PatchSite(name, point, axes, Optional.empty(), List.of());
    }

    /** The residual stream before each block, {@code [layer pos]}. TransformerLens: {@code get_act_patch_resid_pre}. */
    public static PatchSite residPre() {
        return site("resid_pre", HookPoint.RESID_PRE, PatchAxis.POS);
    }

    /** The residual stream between attention and MLP, {@code [layer pos]}. TransformerLens: {@code get_act_patch_resid_mid}. */
    public static PatchSite residMid() {
        return site("resid_mid", HookPoint.RESID_MID, PatchAxis.POS);
    }

    /** What attention writes, {@code [layer pos]}. TransformerLens: {@code get_act_patch_attn_out}. */
    public static PatchSite attnOut() {
        return site("attn_out", HookPoint.ATTN_OUT, PatchAxis.POS);
    }

    /** What MLPs write, {@code [layer pos]}. TransformerLens: {@code get_act_patch_mlp_out}. */
    public static PatchSite mlpOut() {
        return site("mlp_out", HookPoint.MLP_OUT, PatchAxis.POS);
    }

    /** What attention writes, at all positions, {@code [layer]}. */
    public static PatchSite attnOutAllPos() {
        return site("attn_out_all_pos", HookPoint.ATTN_OUT);
    }

    /** What MLPs write, at all positions, {@code [layer]}. */
    public static PatchSite mlpOutAllPos() {
        return site("mlp_out_all_pos", HookPoint.MLP_OUT);
    }

    /** Each head's output z, {@code [layer head]}. TransformerLens: {@code get_act_patch_attn_head_out_all_pos}. */
    public static PatchSite headOut() {
        return site("head_out", HookPoint.Z, PatchAxis.HEAD);
    }

    /** Each head's queries, {@code [layer head]}. TransformerLens: {@code get_act_patch_attn_head_q_all_pos}. */
    public static PatchSite headQ() {
        return site("head_q", HookPoint.Q, PatchAxis.HEAD);
    }

    /** Each key head's keys, {@code [layer head]}. TransformerLens: {@code get_act_patch_attn_head_k_all_pos}. */
    public static PatchSite headK() {
        return site("head_k", HookPoint.K, PatchAxis.HEAD);
    }

    /** Each key head's values, {@code [layer head]}. TransformerLens: {@code get_act_patch_attn_head_v_all_pos}. */
    public static PatchSite headV() {
        return site("head_v", HookPoint.V, PatchAxis.HEAD);
    }

    /** Each head's pattern, {@code [layer head]}. TransformerLens: {@code get_act_patch_attn_head_pattern_all_pos}. */
    public static PatchSite headPattern() {
        return site("head_pattern", HookPoint.PATTERN, PatchAxis.HEAD);
    }

    /** z by position, {@code [layer pos head]}. TransformerLens: {@code get_act_patch_attn_head_out_by_pos}. */
    public static PatchSite headOutByPos() {
        return site("head_out_by_pos", HookPoint.Z, PatchAxis.POS, PatchAxis.HEAD);
    }

    /** Queries by position, {@code [layer pos head]}. TransformerLens: {@code get_act_patch_attn_head_q_by_pos}. */
    public static PatchSite headQByPos() {
        return site("head_q_by_pos", HookPoint.Q, PatchAxis.POS, PatchAxis.HEAD);
    }

    /** Keys by position, {@code [layer pos head]}. TransformerLens: {@code get_act_patch_attn_head_k_by_pos}. */
    public static PatchSite headKByPos() {
        return site("head_k_by_pos", HookPoint.K, PatchAxis.POS, PatchAxis.HEAD);
    }

    /** Values by position, {@code [layer pos head]}. TransformerLens: {@code get_act_patch_attn_head_v_by_pos}. */
    public static PatchSite headVByPos() {
        return site("head_v_by_pos", HookPoint.V, PatchAxis.POS, PatchAxis.HEAD);
    }

    /**
     * A head's pattern at one position that looks, {@code [layer head query_pos]}. TransformerLens:
     * {@code get_act_patch_attn_head_pattern_by_pos}.
     */
    public static PatchSite headPatternByPos() {
        return site("head_pattern_by_pos", HookPoint.PATTERN, PatchAxis.HEAD, PatchAxis.QUERY_POS);
    }

    /** The same with the axes of the other heads' grids, {@code [layer pos head]}. */
    static PatchSite headPatternByPosAsOthers() {
        return site("head_pattern_by_pos", HookPoint.PATTERN, PatchAxis.POS, PatchAxis.HEAD);
    }

    /**
     * One number of a head's pattern, {@code [layer head query_pos key_pos]}. TransformerLens:
     * {@code get_act_patch_attn_head_pattern_dest_src_pos}.
     */
    public static PatchSite headPatternByBoth() {
        return site("head_pattern_by_both", HookPoint.PATTERN, PatchAxis.HEAD, PatchAxis.QUERY_POS, PatchAxis.KEY_POS);
    }

    /** Single neurons after their activation function, {@code [layer neuron]}: many, so choose {@link #inLayers}. */
    public static PatchSite neurons() {
        return site("neurons", HookPoint.MLP_POST, PatchAxis.NEURON);
    }

    /** Every site that has a name of its own. */
    public static List<PatchSite> all() {
        return List.of(
                residPre(),
                residMid(),
                attnOut(),
                mlpOut(),
                attnOutAllPos(),
                mlpOutAllPos(),
                headOut(),
                headQ(),
                headK(),
                headV(),
                headPattern(),
                headOutByPos(),
                headQByPos(),
                headKByPos(),
                headVByPos(),
                headPatternByPos(),
                headPatternByBoth(),
                neurons());
    }

    /**
     * The site of that name, for example {@code head_out}.
     *
     * @throws UnknownNameException if there is none
     */
    public static PatchSite named(String name) {
        return all().stream()
                .filter(it -> it.name().equals(name))
                .findFirst()
                .orElseThrow(() -> UnknownNameException.of(
                        "place to patch",
                        name,
                        "this version",
                        all().stream().map(PatchSite::name).toList(),
                        Advice.ANY_HOOK_POINT.text()));
    }

    /**
     * Patches at any hook point of a block: all that stands at each index of some axes.
     *
     * @param name for titles
     * @param axes layer first
     * @throws UnknownNameException for an axis the point does not have
     */
    public static PatchSite slices(String name, HookPoint point, PatchAxis... axes) {
        return new PatchSite(name, point, List.of(axes), Optional.empty(), List.of());
    }

    /**
     * Patches written by a function. TransformerLens: {@code generic_activation_patch}.
     *
     * @param name for titles
     * @param setter writes the patch of one index
     * @param axes what the indices count, layer first; they need not be axes of the activation
     */
    public static PatchSite custom(String name, HookPoint point, PatchSetter setter, PatchAxis... axes) {
        return new PatchSite(name, point, List.of(axes), Optional.of(setter), List.of());
    }

    /** The same in some layers only. */
    public PatchSite inLayers(Integer... some) {
        return new PatchSite(name, point, axes, setter, List.of(some));
    }

    /** The layers that are patched of a model. */
    List<Integer> layersOf(int nLayers, String model) {
        layers.forEach(it -> RangeException.index("layer", it, nLayers, model));
        return layers.isEmpty() ? IntStream.range(0, nLayers).boxed().toList() : layers;
    }

    /** Writes a patch: {@code into} and {@code from} are of the positions from {@code start} on. */
    void write(NDArray into, NDArray from, int row, int[] index, SliceWriter slices) {
        if (setter.isPresent()) {
            setter.get().write(slices.rows(into, row, from), from, index.clone());
        } else {
            slices.write(into, from, row, index);
        }
    }
}
