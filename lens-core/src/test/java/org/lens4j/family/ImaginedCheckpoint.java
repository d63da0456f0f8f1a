package org.lens4j.family;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import org.lens4j.weights.SafetensorsWriter;

/**
 * A checkpoint that comes about while a reference implementation reads it: a tensor is made up when it is first asked for. So
 * it holds exactly what Hugging Face's code would ask for, under its names and in its shapes.
 */
final class ImaginedCheckpoint {
    private final Random random;
    private final Map<String, SafetensorsWriter.Floats> tensors = new LinkedHashMap<>();

    ImaginedCheckpoint(long seed) {
        this.random = new Random(seed);
    }

    /** Numbers around 0, row-major. */
    float[] around0(String name, double size, long... shape) {
        return around(0, name, size, shape);
    }

    /** A gain, around 1. */
    float[] gain(String name, int width) {
        return around(1, name, 0.3, width);
    }

    private float[] around(double mean, String name, double size, long... shape) {
        return tensors.computeIfAbsent(name, it -> {
                    long count = 1;
                    for (long length : shape) {
                        count *= length;
                    }
                    float[] values = new float[Math.toIntExact(count)];
                    for (int i = 0; i < values.length; i++) {
                        values[i] = (float) (mean + size * random.nextGaussian());
                    }
                    return new SafetensorsWriter.Floats(shape.clone(), values);
                })
                .values();
    }

    /** Writes what was asked for. */
    void write(Path folder, String config) throws IOException {
        Files.createDirectories(folder);
        Files.writeString(folder.resolve("config.json"), config);
        SafetensorsWriter.write(folder.resolve("model.safetensors"), tensors);
    }
}
