package org.lens4j.harvest;

import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.lens4j.error.InterruptedRunException;
import org.lens4j.error.RangeException;
import org.lens4j.error.UsageException;
import org.lens4j.harvest.HookColumns.HookColumn;
import org.lens4j.model.ComputeError;
import org.lens4j.model.ComputeType;
import org.lens4j.model.HookedEncoderDecoder;
import org.lens4j.model.HookedModel;
import org.lens4j.model.HookedTransformer;
import org.lens4j.text.PaddingSide;
import org.lens4j.text.Tokens;

/** One attempt at a harvest, from the lock on its folder to its last file. */
final class Harvesting {
    /** Contexts on which a short type is compared with float32. */
    private static final int COMPARED = 2;

    private final Harvest harvest;
    private final HookedModel model;
    private final Frame frame;
    private final int length;
    private final List<HookColumn> hooks;
    private final Path folder;
    private final HarvestListener listener;
    private final long began = System.nanoTime();

    private Harvesting(
            Harvest harvest, Frame frame, int length, List<HookColumn> hooks, Path folder, HarvestListener listener) {
        this.harvest = harvest;
        this.model = harvest.loaded().hooked();
        this.frame = frame;
        this.length = length;
        this.hooks = hooks;
        this.folder = folder;
        this.listener = listener;
    }

    /** Checks what can be checked before anything is written. */
    static Harvesting of(Harvest harvest, Path folder, HarvestListener listener) {
        HookedModel model = harvest.loaded().hooked();
        if (model instanceof HookedEncoderDecoder) {
            throw new UsageException(
                    "%s reads one text and says another, and a corpus has one text for a row. Harvest a model of one stack; lens cache runs this one."
                            .formatted(model.name()));
        }
        if (harvest.options().compute() != ComputeType.FLOAT32 && !(model instanceof HookedTransformer)) {
            throw new UsageException("%s is an encoder, and only decoders compute in %s. Harvest it in float32."
                    .formatted(model.name(), harvest.options().compute().pythonName()));
        }
        List<HookColumn> hooks = HookColumns.of(model.hooks(), harvest.options());
        Frame frame = Frame.of(model);
        return new Harvesting(harvest, frame, length(harvest, model, frame), hooks, folder, listener);
    }

    private static int length(Harvest harvest, HookedModel model, Frame frame) {
        int most = model.config().nCtx();
        int length = harvest.options().context().orElse(Math.min(most, HarvestOptions.USUAL_CONTEXT));
        if (length > most || length <= frame.size()) {
            throw new RangeException(
                    "A context of %d tokens does not fit %s, which reads %d to %d: it puts %d around a text. Choose one between."
                            .formatted(length, model.name(), frame.size() + 1, most, frame.size()));
        }
        return length;
    }

    Harvested run() throws IOException {
        HarvestIndex asked = Certificate.fresh(harvest.loaded(), harvest.corpus(), harvest.options(), length, hooks);
        Files.createDirectories(folder);
        return FolderLock.holding(folder, () -> {
            HarvestIndex index = HarvestIndex.read(folder).orElse(asked);
            index.requireSame(asked, folder);
            boolean wasThere = index.isComplete();
            Optional<HookedTransformer> fast = wasThere ? Optional.empty() : fast();
            if (fast.isPresent() && index.remark(Harvested.COMPUTE_ERROR).isEmpty()) {
                index = index.remarking(
                        Harvested.COMPUTE_ERROR, error(fast.get()).toString());
            }
            try (Shards shards = new Shards(folder, index, hooks, harvest.options())) {
                shards.cleanUp();
                if (!wasThere) {
                    index.write(folder);
                    write(
                            fast.isPresent() ? fast.get() : model,
                            shards,
                            index.next().orElseThrow());
                }
                return new Harvested(folder, shards.index(), wasThere, (System.nanoTime() - began) / 1e9);
            } finally {
                fast.ifPresent(HookedTransformer::close);
            }
        });
    }

    /** The model that computes in a shorter type, if one is asked for. */
    private Optional<HookedTransformer> fast() {
        ComputeType type = harvest.options().compute();
        return type != ComputeType.FLOAT32 && model instanceof HookedTransformer decoder
                ? Optional.of(decoder.computing(type))
                : Optional.empty();
    }

    /** How far the short type is off, on the corpus's first contexts. */
    private ComputeError error(HookedTransformer fast) throws IOException {
        try (CorpusReader reader = CorpusReader.open(harvest.corpus(), 0, 0)) {
            HarvestOptions few = harvest.options().withBatch(COMPARED);
            Contexts contexts = new Contexts(reader, model.tokenizer(), frame, few, length, Place.START);
            List<Context> longest = List.of();
            // A window begins with its shortest contexts.
            for (Optional<Batch> next = contexts.next();
                    next.isPresent() && next.get().place().batch() + 1 < Contexts.WINDOW;
                    next = contexts.next()) {
                longest = next.get().contexts();
            }
            long[][] ids = longest.stream()
                    .map(Context::ids)
                    .filter(it -> it.length > 1)
                    .toArray(long[][]::new);
            return ids.length == 0
                    ? new ComputeError(0, 0, 0)
                    : ComputeError.between((HookedTransformer) model, fast, Tokens.padded(PaddingSide.RIGHT, 0, ids));
        }
    }

    private void write(HookedModel through, Shards shards, Place from) throws IOException {
        try (CorpusReader reader = CorpusReader.open(harvest.corpus(), from.offset(), from.document())) {
            Contexts contexts = new Contexts(reader, model.tokenizer(), frame, harvest.options(), length, from);
            long size = harvest.corpus().bytes();
            int skipped = from.rows();
            while (!isStopped()) {
                tell(shards.index(), contexts.run(), read(contexts, reader.offset()), size);
                Optional<Batch> next = contexts.next();
                if (next.isEmpty()) {
                    shards.end();
                    tell(shards.index(), contexts.run(), size, size);
                    return;
                }
                Batch batch = next.get();
                try (BatchRows rows = BatchRows.of(through, batch.contexts(), hooks, harvest.options())) {
                    shards.add(rows, batch.place(), skipped);
                }
                skipped = 0;
            }
        } catch (ClosedByInterruptException | InterruptedRunException e) {
            // Stopped in the middle of running or writing: the file that was being written goes, as it would have
            // anyway.
        }
    }

    /** How much of the corpus was run: what was read, less what of it is waiting. */
    private static long read(Contexts contexts, long offset) {
        long tokens = contexts.run() + contexts.ahead();
        return tokens == 0 ? 0 : (long) ((double) contexts.run() / tokens * offset);
    }

    private boolean isStopped() {
        return listener.stops() || Thread.currentThread().isInterrupted();
    }

    private void tell(HarvestIndex index, long tokens, long read, long size) {
        long whole = read >= size ? tokens : (long) ((double) tokens / Math.max(1, read) * size);
        // The limit counts only if the corpus is long enough.
        long expected =
                Math.max(tokens, Math.min(whole, harvest.options().limit().orElse(whole)));
        listener.at(new HarvestProgress(
                tokens, expected, index.rows(), index.shards().size()));
    }
}
