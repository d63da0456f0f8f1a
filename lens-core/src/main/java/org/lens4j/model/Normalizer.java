package org.lens4j.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import org.lens4j.hook.HookPoint;
import org.lens4j.tensor.Kernels;

/** What stands before a part of the model, and in some models after it. */
sealed interface Normalizer {
    /**
     * Normalises.
     *
     * @param x {@code [.. width]}
     * @param hooks called with the scale {@code [.. 1]} and the result
     * @return {@code [.. width]}, owned by x's manager
     */
    NDArray forward(NDArray x, HookDispatch hooks);

    /**
     * Where a norm's hooks are.
     *
     * @param scale fires with what is divided by, {@code [.. 1]}
     * @param normalized fires with the result
     * @param layer from 0, or -1 outside the blocks
     */
    record Place(HookPoint scale, HookPoint normalized, int layer) {
        private boolean isUnseen(HookDispatch hooks) {
            return !hooks.isWatched(scale, layer) && !hooks.isWatched(normalized, layer);
        }
    }

    /** Passes on what it reads. */
    record Identity() implements Normalizer {
        @Override
        public NDArray forward(NDArray x, HookDispatch hooks) {
            return x;
        }
    }

    /**
     * Layer normalisation (Ba et al., 2016): centre, divide by the standard deviation, scale by w, shift by b.
     *
     * @param place where its hooks are
     * @param w gain, {@code [width]}
     * @param b offset, {@code [width]}
     * @param eps added to the variance, rank 0
     */
    record Layer(Place place, NDArray w, NDArray b, NDArray eps) implements Normalizer {
        /** Whether nobody looks at its scale or its result, so that it may be part of the operator behind it. */
        boolean isUnseen(HookDispatch hooks) {
            return place.isUnseen(hooks);
        }

        @Override
        public NDArray forward(NDArray x, HookDispatch hooks) {
            if (!hooks.isWatched(place.scale, place.layer)) {
                NDArray whole = Kernels.call("layer_norm_whole", x, w, b, eps);
                return hooks.at(place.normalized, place.layer, whole);
            }
            if (!hooks.isChanged(place.scale, place.layer)) {
                NDList seen = Kernels.callForList("layer_norm_seen", x, w, b, eps);
                hooks.at(place.scale, place.layer, seen.get(0));
                return hooks.at(place.normalized, place.layer, seen.get(1));
            }
            NDArray scale = hooks.at(place.scale, place.layer, Kernels.call("layer_norm_scale", x, eps));
            return hooks.at(place.normalized, place.layer, Kernels.call("layer_norm", x, scale, w, b));
        }
    }

    /**
     * Root mean square normalisation (Zhang and Sennrich, 2019): divide by the root of the mean square, scale by w. As in
     * TransformerLens, the hook sees the result before it is scaled.
     *
     * @param place where its hooks are
     * @param w gain, {@code [width]}
     * @param eps added to the mean square, rank 0
     */
    record RootMeanSquare(Place place, NDArray w, NDArray eps) implements Normalizer {
        @Override
        public NDArray forward(NDArray x, HookDispatch hooks) {
            if (place.isUnseen(hooks)) {
                return Kernels.call("rms_norm_whole", x, w, eps);
            }
            NDArray scale = hooks.at(place.scale, place.layer, Kernels.call("rms_norm_scale", x, eps));
            return Kernels.call("gain", hooks.at(place.normalized, place.layer, Kernels.call("divide", x, scale)), w);
        }
    }
}
