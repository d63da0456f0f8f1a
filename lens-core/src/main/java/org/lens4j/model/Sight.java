package org.lens4j.model;

import ai.djl.ndarray.NDArray;
import java.util.Optional;
import org.lens4j.tensor.Kernels;

/** What an attention layer needs in one pass besides its inputs: hooks, who may see whom, and how far apart they stand. */
interface Sight {
    /** Called at the layer's hook points. */
    HookDispatch hooks();

    /** Which keys a query of this layer may see, bool {@code [1 or batch, 1, query_pos, key_pos]}. */
    NDArray mask(int layer);

    /** What the distance between query and key adds to scores, {@code [1 head query_pos key_pos]}; empty for nothing. */
    default Optional<NDArray> distanceBias() {
        return Optional.empty();
    }

    /**
     * Scores less by a slope for each position between key and query; the same where nothing tells how far apart they stand.
     *
     * @param scores {@code [batch head query_pos key_pos]}
     * @param slopes {@code [head]}
     */
    default NDArray withPenalty(NDArray scores, NDArray slopes) {
        return scores;
    }

    /** Whether there is no padding, so that every query sees something. */
    default boolean seesWholeTexts() {
        return false;
    }

    /** Whether each query sees itself and every key before it, and there is one query for each key. */
    default boolean isTriangular(int layer) {
        return false;
    }

    /** Whether queries, keys and values are used as they are projected: nothing turns them, nothing is remembered. */
    default boolean attendsAsProjected(int layer) {
        return true;
    }

    /** Queries turned by their positions; the same where the model does not rotate. */
    default NDArray rotatedQueries(int layer, NDArray queries) {
        return queries;
    }

    /** Keys turned by their positions; the same where the model does not rotate. */
    default NDArray rotatedKeys(int layer, NDArray keys) {
        return keys;
    }

    /** Puts this pass's keys and values behind remembered ones and gives all of them back. */
    default KvCache.Entry remember(int layer, NDArray keys, NDArray values) {
        return new KvCache.Entry(keys, values);
    }

    /**
     * Everything a decoder sees of the text an encoder read.
     *
     * @param hooks of the attention between the two
     * @param seen false at the text's padding, bool {@code [1 or batch, 1, query_pos, key_pos]}
     */
    record Across(HookDispatch hooks, NDArray seen) implements Sight {
        /**
         * Made once for all layers.
         *
         * @param said ids of the decoder's text, int64 {@code [batch query_pos]}
         * @param read ids of the encoder's text, int64 {@code [batch key_pos]}
         * @param attended false at padding of the encoder's text, bool {@code [batch key_pos]}
         */
        static Across of(HookDispatch hooks, NDArray said, NDArray read, Optional<NDArray> attended) {
            NDArray all = Kernels.call("cross_mask", said, read);
            return new Across(
                    hooks,
                    attended.map(it -> Kernels.call("hide_padding", all, it)).orElse(all));
        }

        @Override
        public NDArray mask(int layer) {
            return seen;
        }
    }
}
