package org.lens4j.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import com.sun.management.ThreadMXBean;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.lens4j.Fixtures;
import org.lens4j.error.CheckpointException;

/** Damaged files end in a CheckpointException: no crash, no endless loop, no allocation out of proportion to the file. */
@Timeout(120)
class CheckpointFuzzTest {
    private static final int ROUNDS = 10_000;
    private static final int FILES = 500;

    /** Every byte of a pickle may make a small Java object; beyond that, reading costs what the file has. */
    private static final long BYTES_PER_BYTE = 100;

    private static final long BASE = 1 << 20;

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    @TempDir
    private Path folder;

    /** Opens a file and reads all of it. */
    private static boolean isRefused(Path file) {
        return isRefused(() -> {
            Checkpoint checkpoint = Checkpoint.open(file);
            for (String name : checkpoint.names()) {
                ByteBuffer bytes = checkpoint.bytes(name);
                while (bytes.hasRemaining()) {
                    bytes.get();
                }
            }
        });
    }

    private interface Reading {
        void read() throws IOException;
    }

    private static boolean isRefused(Reading reading) {
        try {
            reading.read();
            return false;
        } catch (CheckpointException expected) {
            return true;
        } catch (EOFException expected) {
            // what OpenFile turns into a CheckpointException
            return true;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void mutate(byte[] bytes, int from, int to, Random random) {
        for (int change = 0; change <= random.nextInt(5); change++) {
            int at = from + random.nextInt(to - from);
            switch (random.nextInt(4)) {
                case 0 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
                case 1 -> bytes[at] = bytes[from + random.nextInt(to - from)];
                case 2 -> bytes[at] = (byte) (random.nextBoolean() ? 0xff : 0x00);
                default -> bytes[at] = (byte) random.nextInt(256);
            }
        }
    }

    private interface Round {
        boolean isRefused(byte[] mutated) throws IOException;
    }

    private static int refusals(byte[] whole, int from, int to, long seed, int rounds, Round round) throws IOException {
        Random random = new Random(seed);
        int refused = 0;
        for (int i = 0; i < rounds; i++) {
            byte[] mutated = whole.clone();
            mutate(mutated, from, to, random);
            if (random.nextInt(20) == 0) {
                mutated = java.util.Arrays.copyOf(mutated, random.nextInt(mutated.length));
            }
            try {
                refused += frugally(round, mutated) ? 1 : 0;
            } catch (RuntimeException | StackOverflowError | OutOfMemoryError | AssertionError e) {
                fail("round %d of seed %d".formatted(i, seed), e);
            }
        }
        return refused;
    }

    /** Too much may be the loading of a class, which happens once; so once more. */
    private static boolean frugally(Round round, byte[] mutated) throws IOException {
        long most = BASE + BYTES_PER_BYTE * mutated.length;
        long before = THREADS.getCurrentThreadAllocatedBytes();
        boolean refused = round.isRefused(mutated);
        if (THREADS.getCurrentThreadAllocatedBytes() - before > most) {
            before = THREADS.getCurrentThreadAllocatedBytes();
            round.isRefused(mutated);
            assertThat(THREADS.getCurrentThreadAllocatedBytes() - before)
                    .as("bytes allocated")
                    .isLessThan(most);
        }
        return refused;
    }

    /** Opens from memory, which is fast, and some from a file and reads every tensor. */
    private double refused(byte[] whole, int from, int to, long seed, Opening opening) throws IOException {
        Path file = folder.resolve("x.checkpoint");
        refusals(whole, from, to, seed, FILES, mutated -> isRefused(Files.write(file, mutated)));
        int refused = refusals(
                whole,
                from,
                to,
                seed,
                ROUNDS,
                mutated -> isRefused(() -> opening.open(file, new MemoryChannel(mutated), mutated.length)));
        return (double) refused / ROUNDS;
    }

    private interface Opening {
        Checkpoint open(Path file, SeekableByteChannel channel, long size) throws IOException;
    }

    @Test
    void damaged_safetensors_headers_are_refused() throws IOException {
        String header =
                "{\"__metadata__\":{\"format\":\"pt\"},\"a\":{\"dtype\":\"F32\",\"shape\":[2,1],\"data_offsets\":[0,8]},"
                        + "\"b.weight\":{\"dtype\":\"F16\",\"shape\":[2],\"data_offsets\":[8,12]},"
                        + "\"c\":{\"dtype\":\"BF16\",\"shape\":[],\"data_offsets\":[12,14]}}";
        byte[] json = header.getBytes(java.nio.charset.StandardCharsets.UTF_8);
        byte[] whole = ByteBuffer.allocate(8 + json.length + 14)
                .order(java.nio.ByteOrder.LITTLE_ENDIAN)
                .putLong(json.length)
                .put(json)
                .array();
        assertThat(refused(whole, 0, 8 + json.length, 1, Safetensors::read)).isGreaterThan(0.5);
    }

    @Test
    void damaged_indexes_are_refused() throws IOException {
        Path shard = folder.resolve("1.safetensors");
        Files.copy(Fixtures.committed("attn_only").resolve("model.safetensors"), shard);
        StringBuilder json = new StringBuilder("{\"metadata\":{},\"weight_map\":{");
        String[] listed = Checkpoint.open(shard).names().stream()
                .map(it -> "\"%s\":\"1.safetensors\"".formatted(it))
                .toArray(String[]::new);
        byte[] whole = json.append(String.join(",", listed))
                .append("}}")
                .toString()
                .getBytes(java.nio.charset.StandardCharsets.UTF_8);
        Path index = folder.resolve("model.safetensors.index.json");
        int refused = refusals(
                whole,
                0,
                whole.length,
                2,
                FILES,
                mutated -> isRefused(() -> Checkpoint.open(Files.write(index, mutated))));
        assertThat(refused).isGreaterThan(FILES / 2);
    }

    private static TorchFile small() {
        return new TorchFile()
                .code("}(")
                .text("model")
                .code("}(")
                .text("a")
                .tensor("Float", "0", 6, 0, new long[] {3, 2}, 1, 3)
                .text("b")
                .tensor("Half", "1", 4, 1, new long[] {3}, 1)
                .code("u")
                .text("args")
                .code("](")
                .whole(5)
                .code("N)eu.")
                .floats("0", 0, 1, 2, 3, 4, 5)
                .entry("data/1", new byte[8])
                .entry("byteorder", "little".getBytes(java.nio.charset.StandardCharsets.UTF_8));
    }

    @Test
    void damaged_zip_pickles_are_refused() throws IOException {
        byte[] whole = small().zip(ZipEntry.STORED);
        assertThat(refused(whole, 0, whole.length, 3, TorchPickle::read)).isGreaterThan(0.3);
    }

    @Test
    void damaged_pickles_in_a_whole_zip_are_refused() throws IOException {
        byte[] whole = small().zip(ZipEntry.STORED);
        int pickle = 30 + "it/data.pkl".length();
        assertThat(refused(whole, pickle, pickle + small().pickle().length, 4, TorchPickle::read))
                .isGreaterThan(0.5);
    }

    @Test
    void damaged_pickles_of_a_training_checkpoint_are_refused() throws IOException {
        Path file = Fixtures.committed("nanogpt_bias").resolve("ckpt.pt");
        byte[] whole;
        try (ZipFile zip = new ZipFile(file.toFile())) {
            whole = zip.getInputStream(zip.getEntry("ckpt/data.pkl")).readAllBytes();
        }
        int refused = refusals(whole, 0, whole.length, 5, ROUNDS, mutated -> isRefused(() -> read(mutated)));
        assertThat(refused).isGreaterThan(ROUNDS / 3);
    }

    @Test
    void pickles_of_random_instructions_are_refused() throws IOException {
        String instructions = "((((}})]]aetdlsuqhNNKK.02RQbX\u0080\u0085\u0086\u0087\u0088\u0094\u008a\u008c";
        Random random = new Random(6);
        int refused = refusals(new byte[2000], 0, 2000, 6, ROUNDS, ignored -> {
            byte[] code = new byte[20 + random.nextInt(400)];
            for (int i = 0; i < code.length; i++) {
                code[i] = (byte)
                        (random.nextInt(6) == 0
                                ? random.nextInt(4)
                                : instructions.charAt(random.nextInt(instructions.length())));
            }
            return isRefused(() -> read(code));
        });
        assertThat(refused).isGreaterThan(ROUNDS / 2);
    }

    private static SavedValue read(byte[] pickle) {
        PickleFault fault = new PickleFault(Path.of("mutated"));
        return PickleTree.of(Unpickler.read(ByteBuffer.wrap(pickle), fault), fault);
    }
}
