package org.lens4j.kernel.client;

/** The kernel process ended, or never came up. The message carries the last lines it wrote. */
public final class KernelDied extends IllegalStateException {
    public KernelDied(String message) {
        super(message);
    }
}
