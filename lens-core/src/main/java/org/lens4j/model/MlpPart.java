package org.lens4j.model;

import ai.djl.ndarray.NDArray;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.lens4j.config.Activation;
import org.lens4j.config.Mlp;
import org.lens4j.config.ModelConfig;
import org.lens4j.hook.HookPoint;
import org.lens4j.tensor.Kernels;
import org.lens4j.weights.Parameters;

/** The second part of a block. */
sealed interface MlpPart {
    /**
     * Computes what is written to the residual stream.
     *
     * @param x normalised, {@code [batch pos d_model]}
     * @return {@code [batch pos d_model]}, before its hook point
     */
    NDArray forward(NDArray x, HookDispatch hooks);

    /**
     * The same from what a norm reads: where nobody looks at what stands between, and there is one, by a single operator.
     *
     * @param before the norm
     * @param residual {@code [batch pos d_model]}
     * @return {@code [batch pos d_model]}, before its hook point
     */
    default NDArray forward(Normalizer before, NDArray residual, HookDispatch hooks) {
        return forward(before.forward(residual, hooks), hooks);
    }

    /**
     * The part a layer of that model has.
     *
     * @param prefix what its parameters' names begin with
     */
    static MlpPart of(ModelConfig config, Parameters parameters, String prefix, int layer, Constants constants) {
        if (config.mlp() instanceof Mlp.Experts mixture) {
            return Mixture.of(mixture, parameters, prefix, layer, constants);
        }
        if (config.mlp() instanceof Mlp.Gated gated) {
            return new Gated(
                    layer,
                    parameters.get(prefix + "W_gate"),
                    Linear.of(parameters, prefix + "W_in", prefix + "b_in"),
                    Linear.of(parameters, prefix + "W_out", prefix + "b_out"),
                    gated.activation());
        }
        Normalizer norm = config.activation().normed()
                ? new Normalizer.Layer(
                        new Normalizer.Place(HookPoint.MLP_LN_SCALE, HookPoint.MLP_LN_NORMALIZED, layer),
                        parameters.get(prefix + "ln.w"),
                        parameters.get(prefix + "ln.b"),
                        constants.eps())
                : new Normalizer.Identity();
        Linear in = Linear.of(parameters, prefix + "W_in", prefix + "b_in");
        return new Plain(
                layer,
                in,
                Activated.of(in, config.activation(), constants),
                norm,
                Linear.of(parameters, prefix + "W_out", prefix + "b_out"),
                config.activation());
    }

    /** Whether nobody looks at the neurons of a layer, before or after their activation. */
    private static boolean isUnseen(int layer, HookDispatch hooks) {
        return !hooks.isWatched(HookPoint.MLP_PRE, layer) && !hooks.isWatched(HookPoint.MLP_POST, layer);
    }

    /**
     * An affine map.
     *
     * @param w {@code [in out]}
     * @param b {@code [out]}
     */
    record Linear(NDArray w, NDArray b) {
        static Linear of(Parameters parameters, String w, String b) {
            return new Linear(parameters.get(w), parameters.get(b));
        }

        /** {@code [.. in]} to {@code [.. out]}. */
        NDArray forward(NDArray x) {
            return Kernels.call("linear", x, w, b);
        }

        /** The same for a result that is only computed on: it may stay in bfloat16, where the weight is. */
        NDArray within(NDArray x) {
            return Kernels.call("linear_within", x, w, b);
        }
    }

    /**
     * An affine map and the activation behind it as one operator, for where nobody looks between them.
     *
     * @param in the map
     * @param packed its weight once more, as the operator likes it, where it is in bfloat16
     * @param activation the kernel of the activation alone, whose name the others end in
     */
    record Activated(Linear in, NDArray packed, String activation) {
        /** Empty where there is no such operator; what is packed is owned by the constants. */
        static Optional<Activated> of(Linear in, Activation activation, Constants constants) {
            String kernel = activation.kernel();
            return Kernels.offers("linear_" + kernel)
                    ? Optional.of(new Activated(in, Kernels.call("packed", constants.whole(0), in.w()), kernel))
                    : Optional.empty();
        }

        /** {@code [.. in]} to {@code [.. out]}, in the weight's type. */
        NDArray forward(NDArray x) {
            return Kernels.call("linear_" + activation, x, in.w(), in.b(), packed);
        }

        /** A norm, this, and the map behind it: {@code [.. in]} to {@code [.. in]}. */
        NDArray between(Normalizer.Layer norm, Linear out, NDArray x) {
            return Kernels.call(
                    "norm_and_mlp_" + activation,
                    x,
                    norm.w(),
                    norm.b(),
                    norm.eps(),
                    in.w(),
                    in.b(),
                    packed,
                    out.w(),
                    out.b());
        }
    }

    /**
     * Two maps with a non-linearity between, and in SoLU models a norm after it.
     *
     * @param layer from 0
     * @param in to the neurons
     * @param activated the same with the activation
     * @param norm of the neurons
     * @param out from the neurons
     * @param activation between the two
     */
    record Plain(
            int layer, Linear in, Optional<Activated> activated, Normalizer norm, Linear out, Activation activation)
            implements MlpPart {
        @Override
        public NDArray forward(Normalizer before, NDArray residual, HookDispatch hooks) {
            return isOneOperator(hooks) && before instanceof Normalizer.Layer norm && norm.isUnseen(hooks)
                    ? activated.get().between(norm, out, residual)
                    : forward(before.forward(residual, hooks), hooks);
        }

        private boolean isOneOperator(HookDispatch hooks) {
            return activated.isPresent() && !activation.normed() && isUnseen(layer, hooks);
        }

        @Override
        public NDArray forward(NDArray x, HookDispatch hooks) {
            if (isOneOperator(hooks)) {
                try (NDArray post = activated.get().forward(x)) {
                    return out.forward(post);
                }
            }
            boolean unseen = !activation.normed() && isUnseen(layer, hooks);
            NDArray active;
            // What was read is given back at once: the next operator writes where it lay, and that is still in the
            // cache.
            try (NDArray pre = hooks.at(HookPoint.MLP_PRE, layer, unseen ? in.within(x) : in.forward(x))) {
                active = Kernels.call(activation.kernel(), pre);
            }
            NDArray neurons =
                    activation.normed() ? norm.forward(hooks.at(HookPoint.MLP_MID, layer, active), hooks) : active;
            try (NDArray post = hooks.at(HookPoint.MLP_POST, layer, neurons)) {
                return out.forward(post);
            }
        }
    }

    /**
     * A gate times a linear map. The inner bias is added to the product, as TransformerLens does.
     *
     * @param layer from 0
     * @param gate {@code [d_model d_mlp]}
     * @param in what the gate is multiplied with
     * @param out from the neurons
     * @param activation of the gate
     */
    record Gated(int layer, NDArray gate, Linear in, Linear out, Activation activation) implements MlpPart {
        @Override
        public NDArray forward(NDArray x, HookDispatch hooks) {
            boolean unseen = isUnseen(layer, hooks) && !hooks.isWatched(HookPoint.MLP_PRE_LINEAR, layer);
            String times = unseen ? "matmul_within" : "matmul";
            NDArray pre = hooks.at(HookPoint.MLP_PRE, layer, Kernels.call(times, x, gate));
            NDArray linear = hooks.at(HookPoint.MLP_PRE_LINEAR, layer, Kernels.call(times, x, in.w()));
            NDArray product = Kernels.call("multiply_add", Kernels.call(activation.kernel(), pre), linear, in.b());
            return out.forward(hooks.at(HookPoint.MLP_POST, layer, product));
        }
    }

    /**
     * Several gated MLPs, of which each token uses those a router likes best, weighted by how much (Jiang et al., 2024).
     *
     * @param layer from 0
     * @param router {@code [expert d_model]}
     * @param experts their weights
     * @param perToken how many a token uses, rank 0
     * @param activation of the gates
     */
    record Mixture(int layer, NDArray router, List<Expert> experts, NDArray perToken, Activation activation)
            implements MlpPart {
        /**
         * One expert, stored as {@code [out in]}.
         *
         * @param gate {@code [d_mlp d_model]}
         * @param in {@code [d_mlp d_model]}
         * @param out {@code [d_model d_mlp]}
         * @param index its number, rank 0
         */
        record Expert(NDArray gate, NDArray in, NDArray out, NDArray index) {}

        static Mixture of(Mlp.Experts shape, Parameters parameters, String prefix, int layer, Constants constants) {
            List<Expert> experts = IntStream.range(0, shape.experts())
                    .mapToObj(e -> new Expert(
                            parameters.get(prefix + "experts." + e + ".W_gate.weight"),
                            parameters.get(prefix + "experts." + e + ".W_in.weight"),
                            parameters.get(prefix + "experts." + e + ".W_out.weight"),
                            constants.whole(e)))
                    .toList();
            return new Mixture(
                    layer,
                    parameters.get(prefix + "W_gate.weight"),
                    experts,
                    constants.whole(shape.perToken()),
                    shape.activation());
        }

        @Override
        public NDArray forward(NDArray x, HookDispatch hooks) {
            NDArray rows = x.reshape(-1, x.getShape().get(2));
            NDArray liking = hooks.at(HookPoint.EXPERT_WEIGHTS, layer, Kernels.call("expert_weights", rows, router));
            NDArray chosen =
                    hooks.at(HookPoint.EXPERT_INDICES, layer, Kernels.call("expert_indices", liking, perToken));
            NDArray shares = Kernels.call("expert_shares", liking, chosen);
            NDArray sum = Kernels.call("zeros_like", rows);
            for (int e = 0; e < experts.size(); e++) {
                Expert expert = experts.get(e);
                NDArray routed = Kernels.call("rows_of_expert", chosen, expert.index());
                if (routed.size() > 0) {
                    NDArray written = written(e, Kernels.call("pick_rows", rows, routed), hooks);
                    NDArray share = Kernels.call("expert_share", shares, chosen, routed, expert.index());
                    sum = Kernels.call("add_rows", sum, routed, written, share);
                }
            }
            return sum.reshape(x.getShape());
        }

        private NDArray written(int e, NDArray x, HookDispatch hooks) {
            Expert expert = experts.get(e);
            NDArray gate =
                    hooks.at(HookPoint.EXPERT_GATE, layer, e, Kernels.call("matmul_transposed", x, expert.gate()));
            NDArray pre = hooks.at(HookPoint.EXPERT_PRE, layer, e, Kernels.call("matmul_transposed", x, expert.in()));
            NDArray post = hooks.at(
                    HookPoint.EXPERT_POST,
                    layer,
                    e,
                    Kernels.call(activation.kernel(), gate).mul(pre));
            return Kernels.call("matmul_transposed", post, expert.out());
        }
    }
}
