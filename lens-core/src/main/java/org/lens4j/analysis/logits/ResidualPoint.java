package org.lens4j.analysis.logits;

import java.util.ArrayList;
import java.util.List;
import org.lens4j.config.ModelConfig;
import org.lens4j.hook.HookName;
import org.lens4j.hook.HookPoint;

/**
 * A place where the residual stream is read, as TransformerLens's {@code accumulated_resid} names it.
 *
 * @param name the hook point
 * @param label {@code 0_pre}, {@code 0_mid}, …, {@code final_post}
 */
public record ResidualPoint(HookName name, String label) {
    /** The last place, which the model itself reads. */
    public static final String FINAL = "final_post";

    /** Before every block, and behind the last. */
    public static List<ResidualPoint> beforeBlocks(ModelConfig config) {
        return of(config, false);
    }

    /**
     * Between attention and MLP too. TransformerLens: {@code incl_mid}.
     *
     * @return as {@link #beforeBlocks} for a model whose blocks have no middle: without MLPs, or with both side by side
     */
    public static List<ResidualPoint> withMiddles(ModelConfig config) {
        return of(config, HookPoint.RESID_MID.isIn(config));
    }

    private static List<ResidualPoint> of(ModelConfig config, boolean middles) {
        List<ResidualPoint> points = new ArrayList<>();
        for (int layer = 0; layer < config.nLayers(); layer++) {
            points.add(new ResidualPoint(new HookName(HookPoint.RESID_PRE, layer), layer + "_pre"));
            if (middles) {
                points.add(new ResidualPoint(new HookName(HookPoint.RESID_MID, layer), layer + "_mid"));
            }
        }
        points.add(new ResidualPoint(new HookName(HookPoint.RESID_POST, config.nLayers() - 1), FINAL));
        return points;
    }

    /** Whether it is the last place. */
    public boolean isFinal() {
        return label.equals(FINAL);
    }
}
