package io.github.spencerpark.ijava;

import org.jspecify.annotations.Nullable;

/** Stands in for IJava's main class, which is not on Maven Central: an extension asks it for the running kernel. */
public final class IJava {
    private static @Nullable JavaKernel kernel;

    private IJava() {}

    public static @Nullable JavaKernel getKernelInstance() {
        return kernel;
    }

    static void run(JavaKernel running) {
        kernel = running;
    }
}
