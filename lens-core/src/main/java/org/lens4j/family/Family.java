package org.lens4j.family;

import java.util.List;
import java.util.Set;
import org.lens4j.config.ModelConfig;

/** An architecture: what its config.json means and where its parameters lie in a checkpoint. */
public interface Family {
    /** The unembedding's name in a checkpoint; with tied embeddings, the token embedding serves instead. */
    String UNEMBED = "lm_head.weight";

    /** The values of config.json's {@code architectures} this family reads. */
    Set<String> architectures();

    /**
     * The shape of the model.
     *
     * @param json every key this family reads is taken from here; {@link ConfigJson} remembers which were
     * @throws org.lens4j.error.CheckpointException if a key is missing or has a value this family does not implement
     */
    ModelConfig config(ConfigJson json);

    /** Keys that do not change the forward pass: training settings, token ids, bookkeeping. */
    Set<String> ignoredKeys();

    /** Every parameter, once. */
    List<Row> rows();

    /** The token embedding's name in a checkpoint, without prefix. */
    String tokenEmbedding();

    /** Our name of the token embedding. */
    default String embedding() {
        return rows().stream()
                .filter(row ->
                        row instanceof Row.Stored stored && stored.theirs().equals(tokenEmbedding()))
                .map(Row::ours)
                .findFirst()
                .orElseThrow();
    }

    /** Whether the unembedding is the token embedding where config.json does not say ({@code tie_word_embeddings}). */
    boolean tiedByDefault();

    /** Prefixes a checkpoint may put before every name, tried in order; {@code ""} for none. */
    List<String> prefixes();

    /** Patterns (regular expressions) of tensors that hold no parameter: mask buffers and the like. */
    List<String> ignoredTensors();
}
