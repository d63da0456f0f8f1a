package org.lens4j.process;

import ai.djl.ndarray.NDArray;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.lens4j.config.ModelConfig;
import org.lens4j.config.Stacks;
import org.lens4j.error.UnknownNameException;
import org.lens4j.tensor.Scope;
import org.lens4j.weights.Parameters;

/**
 * Which rewrites a load applies. Their order is fixed: fold_ln, center_writing_weights, center_unembed, fold_value_biases,
 * refactor_factored_attn_matrices. Immutable.
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
        FOLD_VALUE_BIASES(new FoldValueBiases()),
        /** {@code refactor_factored_attn_matrices}. */
        REFACTOR_FACTORED_ATTN_MATRICES(new RefactorFactoredAttnMatrices());

        @SuppressWarnings("ImmutableEnumChecker") // passes have no fields
        private final Pass pass;

        Switch(Pass pass) {
            this.pass = pass;
        }

        /** TransformerLens's name. */
        public String officialName() {
            return pass.name();
        }

        /**
         * The rewrite of that name.
         *
         * @param officialName TransformerLens's name; the case of letters does not matter
         * @throws UnknownNameException if there is none; names the closest
         */
        public static Switch named(String officialName) {
            return Arrays.stream(values())
                    .filter(it -> it.officialName().equalsIgnoreCase(officialName))
                    .findFirst()
                    .orElseThrow(() -> UnknownNameException.of(
                            "pass",
                            officialName,
                            "this version",
                            Arrays.stream(values()).map(Switch::officialName).toList(),
                            "Name one of those."));
        }
    }

    /**
     * What was done.
     *
     * @param parameters the rewritten ones
     * @param applied names of the rewrites that were applied, in order
     * @param skipped those that were wanted but would be wrong
     */
    public record Outcome(Parameters parameters, List<String> applied, List<Skipped> skipped) {
        /** Copies the lists. */
        public Outcome {
            applied = List.copyOf(applied);
            skipped = List.copyOf(skipped);
        }
    }

    /**
     * A rewrite that would be wrong for a model, or the part of one.
     *
     * @param pass TransformerLens's name
     * @param reason why, the end of a sentence without its full stop
     */
    public record Skipped(String pass, String reason) {
        @Override
        public String toString() {
            return "%s (%s)".formatted(pass, reason);
        }
    }

    /** Copies the set. */
    public Processing {
        switches = Set.copyOf(switches);
    }

    /** The defaults of TransformerLens's {@code from_pretrained}: all but refactor_factored_attn_matrices. */
    public static Processing standard() {
        return new Processing(EnumSet.allOf(Switch.class)).without(Switch.REFACTOR_FACTORED_ATTN_MATRICES);
    }

    /** None: {@code from_pretrained_no_processing}. */
    public static Processing none() {
        return new Processing(Set.of());
    }

    /** Whether no rewrite is wanted. */
    public boolean isNone() {
        return switches.isEmpty();
    }

    /** Names of the rewrites that are not wanted, in their order. */
    public List<String> off() {
        return Arrays.stream(Switch.values())
                .filter(it -> !switches.contains(it))
                .map(Switch::officialName)
                .toList();
    }

    /** Why none of the wanted rewrites can be made on a model of that shape; empty if they can be. */
    public List<Skipped> unfitFor(ModelConfig config) {
        return isNone() || config.stacks() instanceof Stacks.Decoder
                ? List.of()
                : List.of(new Skipped("processing", "it does not apply: the rewrites are for decoders of one stack"));
    }

    /** This without one rewrite. */
    public Processing without(Switch unwanted) {
        Set<Switch> fewer = new HashSet<>(switches);
        fewer.remove(unwanted);
        return new Processing(fewer);
    }

    /** This with one more rewrite. */
    public Processing with(Switch wanted) {
        Set<Switch> more = new HashSet<>(switches);
        more.add(wanted);
        return new Processing(more);
    }

    /**
     * Rewrites a copy of the parameters.
     *
     * @param original is left as it is, to the last bit
     * @param owner gets the rewritten ones
     */
    public Outcome apply(ModelConfig config, Parameters original, Scope owner) {
        Map<String, NDArray> copies = new LinkedHashMap<>();
        for (String name : original.names()) {
            try (Scope temporary = new Scope(owner)) {
                // Duplicates the handle, not the original: the copy keeps the order of the original's axes in memory.
                NDArray alias = temporary.alias(original.get(name));
                copies.put(name, temporary.keep(alias.duplicate()));
            }
        }
        return applyInPlace(config, new Parameters(owner, copies));
    }

    /**
     * Rewrites parameters where they lie, in float32, without a temporary of a large parameter's size.
     *
     * @param parameters changed; no two of them may share memory
     */
    public Outcome applyInPlace(ModelConfig config, Parameters parameters) {
        List<String> applied = new ArrayList<>();
        List<Skipped> skipped = new ArrayList<>(unfitFor(config));
        if (!skipped.isEmpty()) {
            return new Outcome(parameters, applied, skipped);
        }
        Workbench weights = new Workbench(config, parameters);
        for (Switch each : Switch.values()) {
            if (switches.contains(each)) {
                Optional<String> unfit = each.pass.unfit(config);
                if (unfit.isPresent()) {
                    skipped.add(new Skipped(each.officialName(), unfit.get()));
                } else {
                    each.pass.apply(weights);
                    applied.add(each.officialName());
                    each.pass.exception(config).ifPresent(it -> skipped.add(new Skipped(each.officialName(), it)));
                }
            }
        }
        return new Outcome(parameters, applied, skipped);
    }
}
