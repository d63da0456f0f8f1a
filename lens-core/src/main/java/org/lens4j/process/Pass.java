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

    /** Rewrites where the parameters lie, in float32. */
    void apply(Workbench weights);
}
