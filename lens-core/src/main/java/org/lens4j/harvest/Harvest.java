package org.lens4j.harvest;

import java.io.IOException;
import java.nio.file.Path;
import org.lens4j.load.Pretrained;

/**
 * Runs a corpus through a model and writes activations, one row for each token, into safetensors files: what sparse
 * autoencoders and probes are trained on.
 *
 * <pre>{@code
 * Harvested rows = Harvest.of(Pretrained.load("gpt2"), Corpus.of(Path.of("corpus.jsonl")),
 *                 HarvestOptions.of("blocks.6.hook_resid_post").withPrecision(Precision.FLOAT16))
 *         .into(Path.of("rows"));
 * }</pre>
 *
 * <p>Each document is cut into contexts, each in what the model expects around a text (BOS), and run in batches no further
 * than the last hook point needs. A batch has contexts of like length, so rows stand in the order of the corpus only within a
 * context: the columns say where each is from. A file has one tensor {@code [row width]} for each hook point, heads and their widths one
 * after the other, and int64 {@code [row]}: {@code document} (its line, from 0), {@code context} (which piece of the
 * document), {@code position} (in the context, as the model sees it) and {@code token} (its id). Memory does not grow with
 * the corpus, nor with a file's size.
 *
 * @param loaded stays with the caller, and must be open
 * @param corpus the texts
 * @param options what of them
 */
public record Harvest(Pretrained loaded, Corpus corpus, HarvestOptions options) {
    /** A harvest, to be started with {@link #into(Path)}. */
    public static Harvest of(Pretrained loaded, Corpus corpus, HarvestOptions options) {
        return new Harvest(loaded, corpus, options);
    }

    /** {@link #into(Path, HarvestListener)}, telling nobody. */
    public Harvested into(Path folder) throws IOException {
        return into(folder, HarvestListener.none());
    }

    /**
     * Writes files into a folder; where the same harvest was stopped or killed there, goes on behind its last finished file,
     * and what comes out is the same bit for bit. Ends early on an interrupt of this thread, which stays interrupted.
     *
     * @param folder made if it is missing
     * @param listener told how far it is
     * @throws org.lens4j.error.UsageException if another harvest is in the folder (says what differs), a line of the corpus is
     *     no document (says which), or a hook point has no row for a token
     * @throws org.lens4j.error.StateException if another harvest is writing there, or a number does not fit into float16
     * @throws IOException if a file cannot be read or written
     */
    public Harvested into(Path folder, HarvestListener listener) throws IOException {
        listener.began();
        try {
            return Harvesting.of(this, folder, listener).run();
        } finally {
            listener.ended();
        }
    }
}
