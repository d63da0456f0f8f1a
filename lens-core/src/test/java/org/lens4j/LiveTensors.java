package org.lens4j;

import ai.djl.ndarray.NDManager;
import org.lens4j.tensor.NativeLibrary;

/** The tensors there are, for tests against leaks. */
public final class LiveTensors {
    private LiveTensors() {}

    /** How many there are in all managers of this process: every manager is below DJL's one. */
    public static int count() {
        try (NDManager fresh = NativeLibrary.start()) {
            return fresh.getParentManager().getManagedArrays().size();
        }
    }
}
