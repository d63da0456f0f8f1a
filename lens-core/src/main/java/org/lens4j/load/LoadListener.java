package org.lens4j.load;

/** Told how far a load is. */
public interface LoadListener {
    /** What loading will take, before anything large is read. */
    default void planned(LoadPlan plan) {}

    /**
     * Weights that have been read into memory.
     *
     * @param model its name
     * @param done bytes so far, as float32
     * @param of bytes of all parameters, as float32
     */
    default void read(String model, long done, long of) {}

    /**
     * Reading weights into memory is over: all of them are read, or it was interrupted, or it failed.
     *
     * @param model its name
     */
    default void ended(String model) {}

    /** Tells both. */
    default LoadListener and(LoadListener other) {
        LoadListener first = this;
        return new LoadListener() {
            @Override
            public void planned(LoadPlan plan) {
                first.planned(plan);
                other.planned(plan);
            }

            @Override
            public void read(String model, long done, long of) {
                first.read(model, done, of);
                other.read(model, done, of);
            }

            @Override
            public void ended(String model) {
                first.ended(model);
                other.ended(model);
            }
        };
    }

    /** Tells nobody. */
    static LoadListener none() {
        return new LoadListener() {};
    }
}
