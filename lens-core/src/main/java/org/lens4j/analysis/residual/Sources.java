package org.lens4j.analysis.residual;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.lens4j.cache.ActivationCache;
import org.lens4j.config.ModelConfig;
import org.lens4j.config.Norm;
import org.lens4j.error.ShapeException;
import org.lens4j.error.UsageException;
import org.lens4j.hook.HookName;
import org.lens4j.hook.HookPoint;
import org.lens4j.model.HookedTransformer;
import org.lens4j.tensor.Kernels;
import org.lens4j.tensor.Scope;
import org.lens4j.tensor.Slice;

/**
 * Where components come from: activations of a cache and weights of the model they were computed by.
 *
 * @param model whose weights
 * @param cache whose activations
 * @param positions which are taken
 */
record Sources(HookedTransformer model, ActivationCache cache, Slice positions) {
    private static final String BLOCK = "blocks.%d.%s";

    ModelConfig config() {
        return model.config();
    }

    /** The positions that are taken, from 0. */
    int[] taken() {
        return positions.indices("pos", cache.tokens().pos());
    }

    /** An activation at the positions, {@code [batch pos ..]}, a copy owned by the scope. */
    NDArray activation(HookName name, Scope scope) {
        try (Scope inside = new Scope(scope)) {
            NDArray all = inside.alias(cache.get(name.full()));
            Integer[] picks = Arrays.stream(taken()).boxed().toArray(Integer[]::new);
            NDArray some =
                    positions instanceof Slice.All ? all : Slice.picks(picks).of(all, 1, "pos");
            return scope.copy(some);
        }
    }

    NDArray weight(int layer, String name) {
        return model.parameters().get(BLOCK.formatted(layer, name));
    }

    private Optional<NDArray> bias(int layer, String name) {
        String full = BLOCK.formatted(layer, name);
        return model.parameters().has(full) ? Optional.of(model.parameters().get(full)) : Optional.empty();
    }

    /** One activation {@code [batch pos d_model]} as a component. */
    Source whole(HookName name, String label) {
        return new Source() {
            @Override
            public List<String> labels() {
                return List.of(label);
            }

            @Override
            public NDArray parts(Scope scope) {
                return activation(name, scope).expandDims(0);
            }
        };
    }

    /** What the heads of a layer write, through the norm behind the attention where there is one. */
    Source heads(int layer) {
        return new Source() {
            @Override
            public List<String> labels() {
                return IntStream.range(0, config().nHeads())
                        .mapToObj(head -> "L%dH%d".formatted(layer, head))
                        .toList();
            }

            @Override
            public NDArray parts(Scope scope) {
                return through(behindAttention(layer, scope), "head_components", scope, z(scope), output());
            }

            @Override
            public NDArray along(NDArray directions, Scope scope) {
                LinearNorm behind = behindAttention(layer, scope);
                return projected(behind, "head_projections", scope, z(scope), output(), behind.before(directions));
            }

            private NDArray z(Scope scope) {
                return activation(new HookName(HookPoint.Z, layer), scope);
            }

            private NDArray output() {
                return weight(layer, "attn.W_O");
            }
        };
    }

    /**
     * What the heads of a layer bring from each position they look at, along directions.
     *
     * @param directions {@code [batch d_model 1]}, owned by the scope
     * @return {@code [head batch pos source_pos]}, owned by the scope
     */
    NDArray fromPositions(int layer, NDArray directions, Scope scope) {
        LinearNorm behind = behindAttention(layer, scope);
        Integer[] picks = Arrays.stream(taken()).boxed().toArray(Integer[]::new);
        NDArray all = scope.alias(cache.get(new HookName(HookPoint.PATTERN, layer).full()));
        NDArray pattern = Slice.picks(picks).of(all, 2, "pos");
        NDArray values = scope.copy(cache.get(new HookName(HookPoint.V, layer).full()));
        return behind.divided(Kernels.call(
                "source_projections", pattern, values, weight(layer, "attn.W_O"), behind.before(directions)));
    }

    /**
     * What neurons of a layer write, through the norm behind the MLP where there is one.
     *
     * @param which of them
     */
    Source neurons(int layer, Slice which) {
        requireNeurons();
        int[] chosen = which.indices("neuron", config().dMlp());
        boolean all = which instanceof Slice.All;
        return new Source() {
            @Override
            public List<String> labels() {
                return IntStream.of(chosen)
                        .mapToObj(neuron -> "L%dN%d".formatted(layer, neuron))
                        .toList();
            }

            @Override
            public NDArray parts(Scope scope) {
                return through(behindMlp(layer, scope), "neuron_components", scope, post(scope), output(scope));
            }

            @Override
            public NDArray along(NDArray directions, Scope scope) {
                LinearNorm behind = behindMlp(layer, scope);
                return projected(
                        behind, "neuron_projections", scope, post(scope), output(scope), behind.before(directions));
            }

            private NDArray post(Scope scope) {
                NDArray post = activation(new HookName(HookPoint.MLP_POST, layer), scope);
                return all ? post : picked(post, 2);
            }

            private NDArray output(Scope scope) {
                NDArray weight = weight(layer, "mlp.W_out");
                return all ? weight : picked(scope.alias(weight), 0);
            }

            private NDArray picked(NDArray x, int axis) {
                Integer[] picks = Arrays.stream(chosen).boxed().toArray(Integer[]::new);
                return Slice.picks(picks).of(x, axis, "neuron");
            }
        };
    }

    private void requireNeurons() {
        if (!HookPoint.MLP_POST.isIn(config())) {
            throw new UsageException(
                    config().dMlp() == 0
                            ? "%s has no MLPs, and so no neurons. Ask for its heads.".formatted(model.name())
                            : "The MLPs of %s are mixtures of experts, whose neurons work for some tokens only. Take whole MLPs: withWholeMlps()."
                                    .formatted(model.name()));
        }
    }

    /**
     * What biases write, as one component.
     *
     * @param attention of how many layers the attention's
     * @param mlp of how many layers the MLP's
     */
    Source biases(int attention, int mlp) {
        return new Source() {
            @Override
            public List<String> labels() {
                return List.of("bias");
            }

            @Override
            public NDArray parts(Scope scope) {
                NDArray sum = scope.zeros(new Shape(1, cache.tokens().batch(), taken().length, config().dModel()));
                for (int layer = 0; layer < Math.max(attention, mlp); layer++) {
                    if (layer < attention) {
                        sum = with(sum, bias(layer, "attn.b_O"), behindAttention(layer, scope));
                        sum = with(sum, bias(layer, "ln1_post.b"), LinearNorm.none());
                    }
                    if (layer < mlp) {
                        sum = with(sum, bias(layer, "mlp.b_out"), behindMlp(layer, scope));
                        sum = with(sum, bias(layer, "ln2_post.b"), LinearNorm.none());
                    }
                }
                return sum;
            }

            private NDArray with(NDArray sum, Optional<NDArray> vector, LinearNorm behind) {
                return vector.map(it -> sum.add(behind.apply(Kernels.call("spread_vector", sum.get(0), it))))
                        .orElse(sum);
            }
        };
    }

    /** A stream less everything in other sources. */
    Source remainder(HookName stream, List<Source> others) {
        return new Source() {
            @Override
            public List<String> labels() {
                return List.of("remainder");
            }

            @Override
            public NDArray parts(Scope scope) {
                NDArray left = whole(stream, "").parts(scope);
                for (Source other : others) {
                    left = left.sub(summed(other.parts(scope)));
                }
                return left;
            }

            @Override
            public NDArray along(NDArray directions, Scope scope) {
                NDArray left = whole(stream, "").along(directions, scope);
                for (Source other : others) {
                    left = left.sub(summed(other.along(directions, scope)));
                }
                return left;
            }

            private NDArray summed(NDArray parts) {
                return parts.sum(new int[] {0}, true);
            }
        };
    }

    LinearNorm behindAttention(int layer, Scope scope) {
        return behind(HookPoint.LN1_POST_SCALE, layer, "ln1_post.w", scope);
    }

    LinearNorm behindMlp(int layer, Scope scope) {
        return behind(HookPoint.LN2_POST_SCALE, layer, "ln2_post.w", scope);
    }

    private LinearNorm behind(HookPoint scale, int layer, String gain, Scope scope) {
        return config().norms().afterParts()
                ? new LinearNorm(
                        config().norms().blocks(),
                        Optional.of(activation(new HookName(scale, layer), scope)),
                        Optional.of(weight(layer, gain)))
                : LinearNorm.none();
    }

    /**
     * The norm that reads what is written before a layer, with the scale of the run.
     *
     * @param layer as many as the model has for the last norm
     * @param mlp whether the MLP's is meant
     */
    LinearNorm reading(int layer, boolean mlp, Scope scope) {
        HookName name = scaleOf(layer, mlp);
        Norm kind = kindOf(layer);
        if (kind == Norm.NONE) {
            return LinearNorm.none();
        }
        NDArray scale = activation(name, scope);
        if (scale.getShape().dimension() != 3) {
            throw new ShapeException(
                    "%s is of a run in which every head has its own input, %s, so there is no one scale for a part. Cache a run without withSplitQkvInput() and withAttnIn()."
                            .formatted(name, scale.getShape()));
        }
        return new LinearNorm(kind, Optional.of(scale), Optional.empty());
    }

    Norm kindOf(int layer) {
        return layer == config().nLayers()
                ? config().norms().last()
                : config().norms().blocks();
    }

    private HookName scaleOf(int layer, boolean mlp) {
        if (layer == config().nLayers()) {
            return new HookName(HookPoint.LN_FINAL_SCALE, HookName.NO_LAYER);
        }
        return new HookName(mlp ? HookPoint.LN2_SCALE : HookPoint.LN1_SCALE, layer);
    }

    /** Parts made by a kernel and let through a norm; owned by the scope. */
    private static NDArray through(LinearNorm norm, String kernel, Scope scope, NDArray x, NDArray weight) {
        try (Scope inside = new Scope(scope)) {
            return inside.keep(norm.apply(Kernels.call(kernel, inside.adopt(x), weight)));
        }
    }

    private static NDArray projected(LinearNorm norm, String kernel, Scope scope, NDArray... arguments) {
        try (Scope inside = new Scope(scope)) {
            inside.adopt(arguments[0]);
            return inside.keep(norm.divided(Kernels.call(kernel, arguments)));
        }
    }

    /**
     * One tensor of all sources' components.
     *
     * @param parts at least one, {@code [component ..]}
     * @return owned by the scope
     */
    static NDArray joined(List<NDArray> parts, Scope scope) {
        return scope.adopt(parts.size() == 1 ? parts.get(0) : NDArrays.concat(new NDList(parts), 0));
    }
}
