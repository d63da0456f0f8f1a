package org.lens4j;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.IntPredicate;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.lens4j.analysis.parity.Difference;
import org.lens4j.hub.ModelFiles;
import org.lens4j.load.LoadOptions;
import org.lens4j.load.Pretrained;
import org.lens4j.model.HookedTransformer;
import org.lens4j.text.Tokens;
import org.lens4j.weights.Safetensors;
import org.lens4j.weights.TensorEntry;

/** The folder of reference activations that {@code -Dlens.fixtures} names. */
public final class Fixtures {
    /** Absolute and relative difference allowed between two float32 implementations that add in another order. */
    public static final double TOLERANCE = 1e-4;

    private Fixtures() {}

    /** The folder. */
    public static Path folder() {
        return Path.of(System.getProperty("lens.fixtures", "src/test/resources/fixtures"));
    }

    /** One of the models committed with the tests, whatever folder is set. */
    public static Path committed(String name) {
        return Path.of("src/test/resources/fixtures", name);
    }

    /** One model's directory. */
    public static Path model(String name) {
        return folder().resolve(name);
    }

    /** A model with its weights as they are in its files. */
    public static HookedTransformer raw(Path directory) {
        return Pretrained.load(
                        ModelFiles.ofDirectory(directory),
                        LoadOptions.defaults().noProcessing())
                .model();
    }

    /** Every model of the folder that a decoder can be, sorted: those with activations of an encoder are left out. */
    public static List<Path> decoders() {
        return models(it -> !isEncoder(it));
    }

    /** The others. */
    public static List<Path> encoders() {
        return models(Fixtures::isEncoder);
    }

    private static List<Path> models(Predicate<Path> wanted) {
        try (Stream<Path> folders = Files.list(folder())) {
            List<Path> found = folders.filter(it -> Files.isRegularFile(it.resolve("expected.safetensors")))
                    .filter(wanted)
                    .sorted()
                    .toList();
            assertThat(found).as("models in " + folder()).isNotEmpty();
            return found;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static boolean isEncoder(Path model) {
        return expected(model).has("raw/embed.hook_token_type_embed");
    }

    /** What the reference implementation computed. */
    public static Safetensors expected(Path model) {
        return Safetensors.open(model.resolve("expected.safetensors"));
    }

    /** The tokens it was fed. */
    public static Tokens tokens(Safetensors expected) {
        TensorEntry entry = expected.entry("tokens");
        LongBuffer ids = expected.bytes("tokens").asLongBuffer();
        int pos = Math.toIntExact(entry.dimensions()[1]);
        long[][] rows = new long[Math.toIntExact(entry.dimensions()[0])][pos];
        for (long[] row : rows) {
            ids.get(row);
        }
        return Tokens.of(rows);
    }

    /** How far a tensor is from the expected one: the largest difference over 1 + its size; equal infinities are equal. */
    public static double distance(Safetensors expected, String name, NDArray actual) {
        return distance(expected, name, actual, index -> true);
    }

    /** {@link #distance(Safetensors, String, NDArray)} over some of the numbers. */
    public static double distance(Safetensors expected, String name, NDArray actual, IntPredicate counts) {
        assertThat(actual.getShape().getShape())
                .as("shape of " + name)
                .isEqualTo(expected.entry(name).dimensions());
        FloatBuffer stored = expected.bytes(name).asFloatBuffer();
        float[] wanted = new float[stored.remaining()];
        stored.get(wanted);
        float[] values = actual.toFloatArray();
        for (int i = 0; i < values.length; i++) {
            values[i] = counts.test(i) ? values[i] : wanted[i];
        }
        return Difference.of(wanted, values).relative();
    }

    /**
     * Holds two ways of computing the same to 1e-5, absolute and relative: the fused attention and the explicit one add in
     * another order, and which is used depends on what is looked at.
     */
    public static void assertSame(String what, float[] expected, float[] actual) {
        assertThat(actual).as(what).hasSameSizeAs(expected);
        for (int i = 0; i < expected.length; i++) {
            boolean same = expected[i] == actual[i]
                    || Math.abs(expected[i] - actual[i]) <= 1e-5f * (1 + Math.abs(expected[i]));
            assertThat(same)
                    .as("%s at %d: %s and %s", what, i, expected[i], actual[i])
                    .isTrue();
        }
    }
}
