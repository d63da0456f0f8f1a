package org.lens4j.harvest;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.lens4j.error.UnknownNameException;
import org.lens4j.weights.StoredType;

/** How activations are stored; how they are computed is another question ({@link org.lens4j.model.ComputeType}). */
public enum Precision {
    /** IEEE half precision: half the disk, three digits, nothing beyond 65,504. */
    FLOAT16(StoredType.F16),
    /** As they were computed. */
    FLOAT32(StoredType.F32);

    private final StoredType type;

    Precision(StoredType type) {
        this.type = type;
    }

    StoredType type() {
        return type;
    }

    /** The name as Python writes it: {@code float16}. */
    public String pythonName() {
        return name().toLowerCase(Locale.ROOT);
    }

    /**
     * The one of that name.
     *
     * @throws UnknownNameException if there is none
     */
    public static Precision named(String name) {
        List<String> names = Arrays.stream(values()).map(Precision::pythonName).toList();
        int index = names.indexOf(name);
        if (index < 0) {
            throw UnknownNameException.of(
                    "dtype", name, "a harvest", names, "This is how activations are stored; float16 halves the files.");
        }
        return values()[index];
    }
}
