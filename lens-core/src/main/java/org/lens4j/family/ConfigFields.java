package org.lens4j.family;

import org.lens4j.config.Activation;
import org.lens4j.error.CheckpointException;

/** Fields that several families read in the same way. */
final class ConfigFields {
    private ConfigFields() {}

    /** The width of one head where config.json gives only the model's width and the number of heads. */
    static int headSize(ConfigJson json, int dModel, int nHeads) {
        if (nHeads < 1 || dModel % nHeads != 0) {
            throw new CheckpointException(
                    "%s has a model width of %d and %d heads, and a head's width must be whole. Correct it."
                            .formatted(json.place(), dModel, nHeads));
        }
        return dModel / nHeads;
    }

    /** The activation function config.json names. */
    static Activation activation(ConfigJson json, String key, String otherwise) {
        String name = json.text(key, otherwise);
        return Activation.named(name).orElseThrow(() -> json.wrong(key, name, "one of " + Activation.names()));
    }
}
