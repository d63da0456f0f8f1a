package org.lens4j.weights;

/** How numbers are stored in a checkpoint, by the names that safetensors uses. */
public enum StoredType {
    /** Truth values, one byte each. */
    BOOL(1),
    /** Unsigned bytes. */
    U8(1),
    /** Signed bytes. */
    I8(1),
    /** 16-bit integers. */
    I16(2),
    /** 16-bit unsigned integers. */
    U16(2),
    /** 32-bit integers. */
    I32(4),
    /** 32-bit unsigned integers. */
    U32(4),
    /** 64-bit integers. */
    I64(8),
    /** 64-bit unsigned integers. */
    U64(8),
    /** IEEE half precision. */
    F16(2),
    /** The upper half of a float32. */
    BF16(2),
    /** IEEE single precision. */
    F32(4),
    /** IEEE double precision. */
    F64(8);

    private final int bytes;

    StoredType(int bytes) {
        this.bytes = bytes;
    }

    /** Bytes for one number. */
    public int bytes() {
        return bytes;
    }
}
