package org.lens4j.train;

import java.nio.charset.StandardCharsets;

/** GPT-2's way to write any byte as one visible character, and the order of the bytes that follows from it.
 *
 * <p>Printable bytes stand for themselves and come first; the other 68, among them the space, are written from
 * {@code U+0100} on: the space is {@code Ġ}, the newline {@code Ċ}. */
final class ByteAlphabet {
    private static final int[] BYTE_BY_ID = new int[256];
    private static final int[] ID_BY_BYTE = new int[256];
    private static final int PRINTABLE;

    static {
        int id = 0;
        for (int b = 0; b < 256; b++) {
            if (isPrintable(b)) {
                BYTE_BY_ID[id++] = b;
            }
        }
        PRINTABLE = id;
        for (int b = 0; b < 256; b++) {
            if (!isPrintable(b)) {
                BYTE_BY_ID[id++] = b;
            }
        }
        for (int i = 0; i < 256; i++) {
            ID_BY_BYTE[BYTE_BY_ID[i]] = i;
        }
    }

    private ByteAlphabet() {}

    private static boolean isPrintable(int b) {
        return (b >= '!' && b <= '~') || (b >= 0xA1 && b <= 0xAC) || b >= 0xAE;
    }

    /** The id of a byte, 0 to 255. */
    static int id(byte b) {
        return ID_BY_BYTE[b & 0xFF];
    }

    /** The byte of an id, the inverse of {@link #id}. */
    static byte byteOf(int id) {
        return (byte) BYTE_BY_ID[id];
    }

    /** A text's UTF-8 bytes, one visible character each: {@code " Mary"} is written {@code "ĠMary"}. */
    static String write(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        StringBuilder written = new StringBuilder(bytes.length);
        for (byte b : bytes) {
            written.append(character(id(b)));
        }
        return written.toString();
    }

    /** The visible character of a byte's id. */
    static char character(int id) {
        return (char) (id < PRINTABLE ? BYTE_BY_ID[id] : 256 + id - PRINTABLE);
    }
}
