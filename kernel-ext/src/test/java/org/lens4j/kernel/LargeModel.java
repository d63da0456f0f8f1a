package org.lens4j.kernel;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A GPT-Neo whose reading takes a while, in files that take no room: all its weights are zero, and a file system keeps no
 * block of a file's holes.
 */
public final class LargeModel {
    private static final int WIDTH = 1024;
    private static final int VOCABULARY = 113;
    private static final int POSITIONS = 64;

    private final List<String> entries = new ArrayList<>();
    private long bytes;

    private LargeModel() {}

    /** Writes it, with this many layers of 50 MB each. */
    public static Path write(Path directory, int layers) throws IOException {
        Path neo = TinyHub.neo().resolve("config.json");
        String pairs = "\"attention_types\": [[[\"global\", \"local\"], %d]]".formatted(layers / 2);
        String config = Files.readString(neo)
                .replaceAll("(?s)\"attention_types\": .*?\\]\\s*,\\s*\\d+\\s*\\]\\s*\\]", pairs)
                .replaceAll("(?s)\"attention_layers\": \\[.*?\\],", "")
                .replace("\"hidden_size\": 32", "\"hidden_size\": " + WIDTH)
                .replace("\"num_layers\": 4", "\"num_layers\": " + layers);
        Files.writeString(directory.resolve("config.json"), config);
        new LargeModel().weights(directory.resolve("model.safetensors"), layers);
        return directory;
    }

    private void weights(Path file, int layers) throws IOException {
        add("wte.weight", VOCABULARY, WIDTH);
        add("wpe.weight", POSITIONS, WIDTH);
        for (int layer = 0; layer < layers; layer++) {
            String block = "h." + layer + ".";
            norm(block + "ln_1");
            for (String matrix : List.of("k_proj", "v_proj", "q_proj", "out_proj")) {
                add(block + "attn.attention." + matrix + ".weight", WIDTH, WIDTH);
            }
            add(block + "attn.attention.out_proj.bias", WIDTH);
            norm(block + "ln_2");
            add(block + "mlp.c_fc.weight", 4 * WIDTH, WIDTH);
            add(block + "mlp.c_fc.bias", 4 * WIDTH);
            add(block + "mlp.c_proj.weight", WIDTH, 4 * WIDTH);
            add(block + "mlp.c_proj.bias", WIDTH);
        }
        norm("ln_f");
        byte[] header = ("{" + String.join(",", entries) + "}").getBytes(StandardCharsets.UTF_8);
        ByteBuffer size = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        size.putLong(header.length).flip();
        try (FileChannel to = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            to.write(size, 0);
            to.write(ByteBuffer.wrap(header), Long.BYTES);
            to.write(ByteBuffer.allocate(1), Long.BYTES + header.length + bytes - 1);
        }
    }

    private void norm(String name) {
        add(name + ".weight", WIDTH);
        add(name + ".bias", WIDTH);
    }

    private void add(String name, int... shape) {
        long count = IntStream.of(shape).asLongStream().reduce(1, Math::multiplyExact);
        long end = bytes + count * Float.BYTES;
        entries.add("\"transformer.%s\":{\"dtype\":\"F32\",\"shape\":%s,\"data_offsets\":[%d,%d]}"
                .formatted(name, Arrays.toString(shape), bytes, end));
        bytes = end;
    }
}
