package org.lens4j.load;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * A GPT-2 of any size with random weights, written as Hugging Face lays it out, without ever being in memory.
 *
 * @param layers blocks
 * @param width of the residual stream, a multiple of 64
 * @param vocabulary tokens
 * @param context positions
 */
record RandomCheckpoint(int layers, int width, int vocabulary, int context) {
    /** 124,439,808 parameters, 498 MB. */
    static final RandomCheckpoint GPT2_SMALL = new RandomCheckpoint(12, 768, 50257, 1024);

    /** Writes config.json and model.safetensors. */
    void write(Path directory) throws IOException {
        Files.createDirectories(directory);
        Files.writeString(
                directory.resolve("config.json"), """
                {"architectures": ["GPT2LMHeadModel"], "model_type": "gpt2", "n_embd": %d, "n_layer": %d, "n_head": %d,
                 "vocab_size": %d, "n_positions": %d, "activation_function": "gelu_new", "bos_token_id": 0}
                """.formatted(width, layers, width / 64, vocabulary, context));
        Map<String, List<Integer>> tensors = tensors();
        StringBuilder header = new StringBuilder("{");
        long at = 0;
        for (Map.Entry<String, List<Integer>> tensor : tensors.entrySet()) {
            long end = at + count(tensor.getValue()) * Float.BYTES;
            header.append(header.length() == 1 ? "" : ",")
                    .append("\"%s\":{\"dtype\":\"F32\",\"shape\":%s,\"data_offsets\":[%d,%d]}"
                            .formatted(tensor.getKey(), tensor.getValue(), at, end));
            at = end;
        }
        header.append("}");
        header.append(" ".repeat(Math.floorMod(-header.length(), 8)));
        try (OutputStream out =
                new BufferedOutputStream(Files.newOutputStream(directory.resolve("model.safetensors")), 1 << 20)) {
            byte[] length = new byte[8];
            little(length).putLong(header.length());
            out.write(length);
            out.write(header.toString().getBytes(StandardCharsets.US_ASCII));
            SplittableRandom random = new SplittableRandom(1);
            for (Map.Entry<String, List<Integer>> tensor : tensors.entrySet()) {
                float mean = tensor.getKey().matches(".*ln_\\w\\.weight") ? 1 : 0;
                numbers(out, count(tensor.getValue()), mean, random);
            }
        }
    }

    private static void numbers(OutputStream out, long count, float mean, SplittableRandom random) throws IOException {
        byte[] bytes = new byte[1 << 18];
        ByteBuffer piece = little(bytes);
        for (long i = 0; i < count; i++) {
            piece.putFloat(mean + (random.nextInt(1 << 16) - (1 << 15)) * 0x1p-20f);
            if (!piece.hasRemaining() || i == count - 1) {
                out.write(bytes, 0, piece.position());
                piece.clear();
            }
        }
    }

    private static ByteBuffer little(byte[] bytes) {
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    private static long count(List<Integer> shape) {
        return shape.stream().mapToLong(Integer::longValue).reduce(1, Math::multiplyExact);
    }

    private Map<String, List<Integer>> tensors() {
        Map<String, List<Integer>> tensors = new LinkedHashMap<>();
        tensors.put("transformer.wte.weight", List.of(vocabulary, width));
        tensors.put("transformer.wpe.weight", List.of(context, width));
        for (int layer = 0; layer < layers; layer++) {
            String block = "transformer.h." + layer + ".";
            norm(tensors, block + "ln_1");
            linear(tensors, block + "attn.c_attn", width, 3 * width);
            linear(tensors, block + "attn.c_proj", width, width);
            norm(tensors, block + "ln_2");
            linear(tensors, block + "mlp.c_fc", width, 4 * width);
            linear(tensors, block + "mlp.c_proj", 4 * width, width);
        }
        norm(tensors, "transformer.ln_f");
        return tensors;
    }

    private void norm(Map<String, List<Integer>> tensors, String name) {
        new ArrayList<>(List.of("weight", "bias")).forEach(it -> tensors.put(name + "." + it, List.of(width)));
    }

    private static void linear(Map<String, List<Integer>> tensors, String name, int in, int out) {
        tensors.put(name + ".weight", List.of(in, out));
        tensors.put(name + ".bias", List.of(out));
    }
}
