package org.lens4j.cache;

import org.lens4j.error.UsageException;
import org.lens4j.weights.StoredType;

/**
 * How a cache keeps activations.
 *
 * @param budget how much native memory it takes
 * @param type how it stores them: F32 as they are, or F16 in half the memory
 * @param batchDim whether activations keep their batch axis; one of size 1 may go
 */
public record CacheOptions(CacheBudget budget, StoredType type, boolean batchDim) {
    /** Refuses other types. */
    public CacheOptions {
        if (type != StoredType.F32 && type != StoredType.F16) {
            throw new UsageException(
                    "A cache stores F32 or F16, and %s was asked for. Choose one of those.".formatted(type));
        }
    }

    /** Within half of the free memory, as they are. */
    public static CacheOptions defaults() {
        return new CacheOptions(CacheBudget.ofMachine(), StoredType.F32, true);
    }

    /** The same within another budget. */
    public CacheOptions with(CacheBudget other) {
        return new CacheOptions(other, type, batchDim);
    }

    /**
     * The same, stored as float16: about 3 significant digits. What a tensor is asked for is widened again, and an activation
     * with numbers beyond 65,504 stays float32.
     */
    public CacheOptions withFloat16() {
        return new CacheOptions(budget, StoredType.F16, batchDim);
    }

    /** The same without the batch axis, for runs of one sequence. */
    public CacheOptions withoutBatchDim() {
        return new CacheOptions(budget, type, false);
    }
}
