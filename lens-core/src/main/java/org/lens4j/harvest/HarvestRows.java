package org.lens4j.harvest;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.lens4j.error.UnknownNameException;
import org.lens4j.error.UsageException;
import org.lens4j.weights.FloatReader;
import org.lens4j.weights.Safetensors;

/**
 * The rows of one hook point in a finished harvest, read in batches: in the order of the corpus, or shuffled from a seed.
 * Memory is that of a few thousand rows, whatever the harvest's size.
 *
 * <pre>{@code
 * HarvestRows rows = HarvestRows.of(folder, "blocks.1.hook_resid_post");
 * Iterator<HarvestRows.Batch> endless = rows.shuffled(256, 1);
 * float[] values = endless.next().values();       // [row width]
 * }</pre>
 */
public final class HarvestRows {
    /** Rows that are read together. */
    static final int PIECE = 256;

    /** Pieces among which rows are shuffled. */
    static final int PIECES_MIXED = 32;

    private final Path folder;
    private final String hook;
    private final List<HarvestIndex.Shard> shards;
    private final int width;
    private final Predicate<Origin> wanted;

    private HarvestRows(
            Path folder, String hook, List<HarvestIndex.Shard> shards, int width, Predicate<Origin> wanted) {
        this.folder = folder;
        this.hook = hook;
        this.shards = List.copyOf(shards);
        this.width = width;
        this.wanted = wanted;
    }

    /**
     * Where a row comes from.
     *
     * @param number in the harvest, from 0
     * @param document its line in the corpus, from 0
     * @param context which piece of the document
     * @param position in the context
     * @param token its id
     */
    public record Origin(long number, long document, long context, long position, long token) {}

    /**
     * Some rows.
     *
     * @param values row-major {@code [row width]}; not copied
     * @param origins one for each row
     */
    @SuppressWarnings("ArrayRecordComponent") // a carrier of bulk, never compared
    public record Batch(float[] values, List<Origin> origins) {
        /** How many rows. */
        public int count() {
            return origins.size();
        }
    }

    private record Piece(Safetensors file, long first, int from, int count) {}

    /**
     * The rows of a hook point.
     *
     * @param folder of a harvest, which need not be complete
     * @param hook the full name of one of its hook points
     * @throws UsageException if there is no harvest, or none of its files is finished
     * @throws UnknownNameException if the harvest has no such hook point
     */
    public static HarvestRows of(Path folder, String hook) throws IOException {
        HarvestIndex index = HarvestIndex.read(folder)
                .orElseThrow(() -> new UsageException(
                        "%s holds no harvest: it has no %s. Name the folder a harvest was written into, or make one: lens harvest."
                                .formatted(folder, HarvestIndex.FILE)));
        if (!index.hooks().contains(hook)) {
            throw UnknownNameException.of(
                    "hook point", hook, "the harvest in " + folder, index.hooks(), "Harvest that point too.");
        }
        if (index.rows() == 0) {
            throw new UsageException(
                    "The harvest in %s has no rows: no file of it is finished. Let it go on, or give it a corpus with text."
                            .formatted(folder));
        }
        Safetensors first =
                Safetensors.open(folder.resolve(index.shards().get(0).file()));
        List<Long> shape = first.entry(hook).shape();
        return new HarvestRows(folder, hook, index.shards(), Math.toIntExact(shape.get(1)), any -> true);
    }

    /** Some of them only. */
    public HarvestRows where(Predicate<Origin> some) {
        return new HarvestRows(folder, hook, shards, width, wanted.and(some));
    }

    /** The hook point. */
    public String hook() {
        return hook;
    }

    /** Numbers in a row. */
    public int width() {
        return width;
    }

    /** All rows of the harvest, whichever of them are wanted. */
    public long total() {
        return shards.stream().mapToLong(HarvestIndex.Shard::rows).sum();
    }

    /**
     * All rows, in the order of the corpus.
     *
     * @param each gets them in batches of a few hundred
     */
    public void inOrder(Consumer<Batch> each) {
        long first = 0;
        for (HarvestIndex.Shard shard : shards) {
            for (Piece piece : pieces(shard, first)) {
                Batch read = read(piece);
                if (read.count() > 0) {
                    each.accept(read);
                }
            }
            first += shard.rows();
        }
    }

    /**
     * All rows again and again, each time in another order, the same for the same seed: files and pieces of them are shuffled,
     * and rows among those of some pieces.
     *
     * @param batch rows of each batch
     * @return endless; not for several threads
     * @throws UsageException if no row is wanted
     */
    public Iterator<Batch> shuffled(int batch, long seed) {
        return new Shuffle(batch, seed);
    }

    private List<Piece> pieces(HarvestIndex.Shard shard, long first) {
        Safetensors file = Safetensors.open(folder.resolve(shard.file()));
        List<Piece> pieces = new ArrayList<>();
        for (long from = 0; from < shard.rows(); from += PIECE) {
            pieces.add(new Piece(file, first + from, (int) from, (int) Math.min(PIECE, shard.rows() - from)));
        }
        return pieces;
    }

    private Batch read(Piece piece) {
        long[] document = longs(piece, BatchRows.DOCUMENT);
        long[] context = longs(piece, BatchRows.CONTEXT);
        long[] position = longs(piece, BatchRows.POSITION);
        long[] token = longs(piece, BatchRows.TOKEN);
        float[] values = new float[piece.count * width];
        FloatReader.fill(piece.file, hook, (long) piece.from * width, values);
        List<Origin> origins = new ArrayList<>();
        for (int i = 0; i < piece.count; i++) {
            Origin origin = new Origin(piece.first + i, document[i], context[i], position[i], token[i]);
            if (wanted.test(origin)) {
                System.arraycopy(values, i * width, values, origins.size() * width, width);
                origins.add(origin);
            }
        }
        return new Batch(Arrays.copyOf(values, origins.size() * width), List.copyOf(origins));
    }

    private static long[] longs(Piece piece, String column) {
        ByteBuffer stored = ByteBuffer.allocate(piece.count * Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        piece.file.read(column, (long) piece.from * Long.BYTES, stored);
        long[] values = new long[piece.count];
        stored.flip().asLongBuffer().get(values);
        return values;
    }

    /** Rows that wait, in random order, and the pieces that follow. */
    private final class Shuffle implements Iterator<Batch> {
        private final int batch;
        private final Random random;
        private final List<HarvestIndex.Shard> order = new ArrayList<>(shards);
        private final List<Piece> ahead = new ArrayList<>();
        private final float[] waiting = new float[PIECES_MIXED * PIECE * width];
        private final List<Origin> origins = new ArrayList<>();
        private int nextShard;
        private int next;
        private int rounds;
        private boolean found;

        Shuffle(int batch, long seed) {
            if (batch < 1) {
                throw new UsageException("A batch of %d rows holds nothing. Use 1 or more.".formatted(batch));
            }
            this.batch = batch;
            this.random = new Random(seed);
            this.nextShard = order.size();
        }

        @Override
        public boolean hasNext() {
            return true;
        }

        @Override
        public Batch next() {
            float[] values = new float[batch * width];
            List<Origin> chosen = new ArrayList<>();
            while (chosen.size() < batch) {
                while (next == origins.size()) {
                    refill();
                }
                System.arraycopy(waiting, next * width, values, chosen.size() * width, width);
                chosen.add(origins.get(next));
                next++;
            }
            return new Batch(values, List.copyOf(chosen));
        }

        private void refill() {
            origins.clear();
            next = 0;
            for (int i = 0; i < PIECES_MIXED; i++) {
                Optional<Piece> piece = following();
                if (piece.isEmpty()) {
                    break;
                }
                Batch read = read(piece.get());
                System.arraycopy(read.values(), 0, waiting, origins.size() * width, read.values().length);
                origins.addAll(read.origins());
            }
            found |= !origins.isEmpty();
            mix();
        }

        /** The next piece; empty at the end of a round, unless nothing was read in it. */
        private Optional<Piece> following() {
            while (ahead.isEmpty()) {
                if (nextShard == order.size()) {
                    if (!origins.isEmpty()) {
                        return Optional.empty();
                    }
                    beginRound();
                }
                HarvestIndex.Shard shard = order.get(nextShard);
                nextShard++;
                ahead.addAll(pieces(shard, firstOf(shard)));
                Collections.shuffle(ahead, random);
            }
            return Optional.of(ahead.remove(ahead.size() - 1));
        }

        private void beginRound() {
            if (rounds > 0 && !found) {
                throw new UsageException(
                        "No row of %s in %s is one of those that are asked for. Harvest more, or ask for others."
                                .formatted(hook, folder));
            }
            rounds++;
            Collections.shuffle(order, random);
            nextShard = 0;
        }

        private long firstOf(HarvestIndex.Shard shard) {
            return shards.subList(0, shards.indexOf(shard)).stream()
                    .mapToLong(HarvestIndex.Shard::rows)
                    .sum();
        }

        private void mix() {
            float[] held = new float[width];
            for (int i = origins.size() - 1; i > 0; i--) {
                int other = random.nextInt(i + 1);
                Collections.swap(origins, i, other);
                System.arraycopy(waiting, i * width, held, 0, width);
                System.arraycopy(waiting, other * width, waiting, i * width, width);
                System.arraycopy(held, 0, waiting, other * width, width);
            }
        }
    }
}
