package org.lens4j.family;

import java.util.List;
import org.lens4j.config.ModelConfig;
import org.lens4j.error.CheckpointException;

/** The families this library knows. Dispatch is on config.json's {@code architectures}, never on a model's name. */
public final class Families {
    /** All of them. */
    public static final List<Family> ALL = List.of(
            new Gpt2(),
            new GptNeo(),
            new GptNeoX(),
            new GptJ(),
            new Opt(),
            new Bloom(),
            new Llama(),
            new Mistral(),
            new Mixtral(),
            new Qwen(),
            new Gemma(),
            new Gemma2(),
            new Gemma3(),
            new Phi(),
            new Phi3(),
            new StableLm(),
            new BigCode(),
            new Bert(),
            new T5(),
            new NanoGpt(),
            new Native());

    private Families() {}

    /** Every architecture some family reads, sorted. */
    public static List<String> architectures() {
        return ALL.stream().flatMap(it -> it.architectures().stream()).sorted().toList();
    }

    /**
     * The family of a config.json.
     *
     * @throws CheckpointException if it names no architecture, or none that is known
     */
    public static Family of(ConfigJson json) {
        List<String> asked = json.architectures();
        return ALL.stream()
                .filter(family -> asked.isEmpty()
                        ? family.recognises(json)
                        : asked.stream().anyMatch(family.architectures()::contains))
                .findFirst()
                .orElseThrow(() ->
                        new CheckpointException("%s has architectures=%s. Known: %s. Load a model of one of those."
                                .formatted(json.place(), asked, String.join(", ", architectures()))));
    }

    /**
     * The model a config.json describes.
     *
     * @throws CheckpointException if a key is missing, has a value that is not implemented, or is not understood at all
     */
    public static Blueprint blueprint(ConfigJson json) {
        return blueprint(of(json), json);
    }

    /** {@link #blueprint(ConfigJson)} of a family of your own. */
    public static Blueprint blueprint(Family family, ConfigJson json) {
        try {
            Blueprint read = family.read(json);
            Blueprint blueprint = new Blueprint(read.config().withEos(json.endsOfText()), read.rows(), read.tensors());
            json.refuseUnreadKeys(blueprint.config().family(), family.ignoredKeys());
            return blueprint;
        } catch (IllegalArgumentException e) {
            throw new CheckpointException(
                    "%s describes no model: %s Correct it.".formatted(json.place(), e.getMessage()), e);
        }
    }

    /** The shape of the model a config.json describes. */
    public static ModelConfig config(ConfigJson json) {
        return blueprint(json).config();
    }
}
