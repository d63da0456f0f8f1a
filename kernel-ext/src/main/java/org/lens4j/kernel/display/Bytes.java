package org.lens4j.kernel.display;

import org.lens4j.viz.ByteText;

/** Amounts of memory in messages, written as in pictures. */
public final class Bytes {
    private Bytes() {}

    /** Three digits and a unit: {@link ByteText#readable}. */
    public static String readable(long bytes) {
        return ByteText.readable(bytes);
    }
}
