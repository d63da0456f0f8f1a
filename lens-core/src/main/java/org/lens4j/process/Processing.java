package org.lens4j.process;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.lens4j.config.ModelConfig;
import org.lens4j.tensor.Scope;
import org.lens4j.weights.Parameters;

/**
 * Which rewrites a load applies. Their order is fixed: fold_ln, center_writing_weights, center_unembed, fold_value_biases.
 * Immutable.
 *
 * @param switches the rewrites that are wanted
 */
public record Processing(Set<Switch> switches) {
    /** The rewrites, in their order, under the names TransformerLens gives their switches. */
    public enum Switch {
        /** {@code fold_ln}. */
        FOLD_LN(new FoldLayerNorm()),
        /** {@code center_writing_weights}. */
        CENTER_WRITING_WEIGHTS(new CenterWritingWeights()),
        /** {@code center_unembed}. */
        CENTER_UNEMBED(new CenterUnembed()),
        /** {@code fold_value_biases}. */
        FOLD_VALUE_BIASES(new FoldValueBiases());

        @SuppressWarnings("ImmutableEnumChecker") // passes have no fields
        private final Pass pass;

        Switch(Pass pass) {
            this.pass = pass;
        }

        /** TransformerLens's name. */
        public String officialName() {
            return pass.name();
        }
    }

    /**
     * What was done.
     *
     * @param parameters the rewritten ones, with memory of their own
     * @param applied names of the rewrites that were applied, in order
     * @param skipped sentences about those that were wanted but would be wrong
     */
    public record Outcome(Parameters parameters, List<String> applied, List<String> skipped) {
        /** Copies the lists. */
        public Outcome {
            applied = List.copyOf(applied);
            skipped = List.copyOf(skipped);
        }
    }

    /** Copies the set. */
    public Processing {
        switches = Set.copyOf(switches);
    }

    /** All rewrites: the defaults of TransformerLens's {@code from_pretrained}. */
    public static Processing standard() {
        return new Processing(EnumSet.allOf(Switch.class));
    }

    /** None: {@code from_pretrained_no_processing}. */
    public static Processing none() {
        return new Processing(Set.of());
    }

    /** This without one rewrite. */
    public Processing without(Switch unwanted) {
        Set<Switch> fewer = EnumSet.noneOf(Switch.class);
        fewer.addAll(switches);
        fewer.remove(unwanted);
        return new Processing(fewer);
    }

    /**
     * Rewrites a copy of the parameters.
     *
     * @param original is left as it is, to the last bit
     * @param owner gets the rewritten ones
     */
    public Outcome apply(ModelConfig config, Parameters original, Scope owner) {
        List<String> applied = new ArrayList<>();
        List<String> skipped = new ArrayList<>();
        try (Scope working = Scope.root()) {
            Workbench weights = new Workbench(config, original, working);
            for (Switch each : Switch.values()) {
                if (switches.contains(each)) {
                    Optional<String> unfit = each.pass.unfit(config);
                    unfit.ifPresentOrElse(
                            reason -> skipped.add(each.officialName() + " was skipped: " + reason), () -> {
                                each.pass.apply(weights);
                                applied.add(each.officialName());
                            });
                }
            }
            return new Outcome(weights.finished(owner), applied, skipped);
        }
    }
}
