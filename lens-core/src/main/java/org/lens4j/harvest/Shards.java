package org.lens4j.harvest;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.lens4j.error.UsageException;
import org.lens4j.harvest.HookColumns.HookColumn;
import org.lens4j.weights.Safetensors;
import org.lens4j.weights.SafetensorsRows;
import org.lens4j.weights.SafetensorsRows.Column;
import org.lens4j.weights.StoredType;

/**
 * Writes rows into one file after the other. A finished file is on the disk under its name before the index says so; whatever
 * happens in between, the index names only whole files, and a file it does not name is written again.
 */
final class Shards implements AutoCloseable {
    private final Path folder;
    private final Map<String, Column> columns = new LinkedHashMap<>();
    private final int capacity;
    private HarvestIndex index;
    private Optional<SafetensorsRows> open = Optional.empty();
    private int filled;

    /** Goes on where an index ends. */
    Shards(Path folder, HarvestIndex index, List<HookColumn> hooks, HarvestOptions options) {
        this.folder = folder;
        this.index = index;
        this.capacity = options.shardRows();
        for (String name : List.of(BatchRows.DOCUMENT, BatchRows.CONTEXT, BatchRows.POSITION, BatchRows.TOKEN)) {
            columns.put(name, new Column(StoredType.I64, 0));
        }
        hooks.forEach(
                it -> columns.put(it.name(), new Column(options.precision().type(), it.width())));
    }

    /** Throws away what a killed harvest was writing, and checks that what it finished is there. */
    void cleanUp() throws IOException {
        try (DirectoryStream<Path> halves = Files.newDirectoryStream(folder, "*" + Durable.PARTIAL)) {
            for (Path half : halves) {
                Files.delete(half);
            }
        }
        for (HarvestIndex.Shard shard : index.shards()) {
            Path file = folder.resolve(shard.file());
            if (!Files.isRegularFile(file)
                    || Safetensors.open(file).entry(BatchRows.TOKEN).count() != shard.rows()) {
                throw new UsageException(
                        "%s is gone or changed, and %s says it has %d rows. Put it back, or begin anew in another folder."
                                .formatted(file, HarvestIndex.FILE, shard.rows()));
            }
        }
    }

    /**
     * Adds the rows of a batch behind those that are in earlier files.
     *
     * @param place of the batch
     * @param skipped rows of it that are in earlier files
     */
    void add(BatchRows rows, Place place, int skipped) throws IOException {
        int from = skipped;
        while (from < rows.count()) {
            SafetensorsRows file = open();
            int count = Math.min(rows.count() - from, capacity - filled);
            for (Map.Entry<String, ByteBuffer> part : rows.part(from, count).entrySet()) {
                file.append(part.getKey(), part.getValue());
            }
            from += count;
            filled += count;
            if (filled == capacity) {
                finish(Optional.of(place.behind(from)));
            }
        }
    }

    private SafetensorsRows open() throws IOException {
        if (open.isEmpty()) {
            open = Optional.of(SafetensorsRows.create(Durable.partial(file()), columns, capacity));
        }
        return open.get();
    }

    private Path file() {
        return folder.resolve("shard-%05d.safetensors".formatted(index.shards().size()));
    }

    private void finish(Optional<Place> next) throws IOException {
        Path file = file();
        open().finish();
        Durable.appear(Durable.partial(file), file);
        HarvestIndex longer = index.with(new HarvestIndex.Shard(String.valueOf(file.getFileName()), filled), next);
        longer.write(folder);
        index = longer;
        open = Optional.empty();
        filled = 0;
    }

    /** Writes what is left. Nothing follows. */
    void end() throws IOException {
        if (filled > 0) {
            finish(Optional.empty());
        } else {
            index = index.completed();
            index.write(folder);
        }
    }

    /** What is finished. */
    HarvestIndex index() {
        return index;
    }

    /** Throws away the file that is not finished, if there is one. */
    @Override
    public void close() throws IOException {
        if (open.isPresent()) {
            open.get().close();
        }
    }
}
