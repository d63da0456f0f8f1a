package org.lens4j.kernel;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import org.lens4j.weights.SafetensorsWriter;

/** A T5 on random weights, without a tokenizer, as its files are on the hub. */
public final class TinyT5 {
    private static final int D_MODEL = 16;
    private static final int D_ALL_HEADS = 24;
    private static final int D_MLP = 40;

    private final Map<String, SafetensorsWriter.Floats> tensors = new LinkedHashMap<>();
    private final Random random = new Random(7);

    private TinyT5() {}

    /** Writes config.json and model.safetensors. */
    public static Path write(Path directory) throws IOException {
        TinyT5 tiny = new TinyT5();
        tiny.draw("shared.weight", 61, D_MODEL);
        tiny.stack("encoder", 2, 1);
        tiny.stack("decoder", 3, 2);
        Files.createDirectories(directory);
        SafetensorsWriter.write(directory.resolve("model.safetensors"), tiny.tensors);
        Path config = Path.of(System.getProperty("lens.home"), "lens-core/src/test/resources/configs/t5.json");
        Files.copy(config, directory.resolve("config.json"));
        return directory;
    }

    private void stack(String stack, int count, int mlpLayer) {
        draw(stack + ".block.0.layer.0.SelfAttention.relative_attention_bias.weight", 32, 4);
        for (int layer = 0; layer < count; layer++) {
            String block = stack + ".block." + layer + ".layer.";
            for (int part = 0; part < mlpLayer; part++) {
                String attention = block + part + (part == 0 ? ".SelfAttention." : ".EncDecAttention.");
                draw(attention + "q.weight", D_ALL_HEADS, D_MODEL);
                draw(attention + "k.weight", D_ALL_HEADS, D_MODEL);
                draw(attention + "v.weight", D_ALL_HEADS, D_MODEL);
                draw(attention + "o.weight", D_MODEL, D_ALL_HEADS);
            }
            for (int norm = 0; norm <= mlpLayer; norm++) {
                draw(block + norm + ".layer_norm.weight", D_MODEL);
            }
            draw(block + mlpLayer + ".DenseReluDense.wi.weight", D_MLP, D_MODEL);
            draw(block + mlpLayer + ".DenseReluDense.wo.weight", D_MODEL, D_MLP);
        }
        draw(stack + ".final_layer_norm.weight", D_MODEL);
    }

    private void draw(String name, long... shape) {
        int size = 1;
        for (long each : shape) {
            size *= Math.toIntExact(each);
        }
        float[] values = new float[size];
        for (int i = 0; i < size; i++) {
            values[i] = (float) (0.5 * random.nextGaussian());
        }
        tensors.put(name, new SafetensorsWriter.Floats(shape, values));
    }
}
