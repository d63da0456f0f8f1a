package org.lens4j.process;

import java.util.Optional;
import org.lens4j.config.ModelConfig;

/** One rewrite of a model's parameters. */
interface Pass {
    /** The name TransformerLens's {@code from_pretrained} gives the switch. */
    String name();

    /**
     * Why it would be wrong for this model.
     *
     * @return the reason, which ends a sentence without its full stop, or empty where it applies
     */
    Optional<String> unfit(ModelConfig config);

    /**
     * What it leaves alone in this model although it applies.
     *
     * @return the reason, which ends a sentence without its full stop, or empty where it is applied whole
     */
    default Optional<String> exception(ModelConfig config) {
        return Optional.empty();
    }

    /** Why three passes leave a Shortformer alone, as TransformerLens does. */
    String SHORTFORMER = "positions are added inside attention (shortformer), behind the norm";

    /** Rewrites where the parameters lie, in float32. */
    void apply(Workbench weights);
}
