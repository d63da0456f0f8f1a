package org.lens4j.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import java.util.Optional;
import org.lens4j.hook.Gate;
import org.lens4j.hook.HookPoint;
import org.lens4j.tensor.Kernels;

/**
 * Multi-head attention (Vaswani et al., 2017), with rotation (Su et al., 2021), shared keys and values (Ainslie et al.,
 * 2023), distance penalties (Press et al., 2022), softcap and qk norm where the model has them.
 *
 * @param layer from 0
 * @param q queries' weights
 * @param k keys' weights
 * @param v values' weights
 * @param joint the three as one, where they lie side by side in memory
 * @param out the way back to the residual stream
 * @param scores how scores come from queries and keys
 */
record AttentionLayer(
        int layer, Projection q, Projection k, Projection v, Optional<Joint> joint, Output out, Scores scores) {
    /**
     * One of the three linear maps into the heads.
     *
     * @param w {@code [head d_model d_head]}
     * @param b {@code [head d_head]}
     */
    record Projection(NDArray w, NDArray b) {
        /**
         * Maps into the heads.
         *
         * @param x {@code [batch pos d_model]}, or {@code [batch pos head d_model]} when every head has its own input
         * @return {@code [batch pos head d_head]}
         */
        NDArray forward(NDArray x) {
            String kernel = x.getShape().dimension() == 4 ? "project_split_heads" : "project_heads";
            return Kernels.call(kernel, x, w, b);
        }
    }

    /**
     * The three maps into the heads as one: views of their memory, for one product instead of three.
     *
     * @param w {@code [d_model n]}
     * @param b {@code [n]}
     */
    record Joint(NDArray w, NDArray b) {
        /** The three as one, owned by the constants; empty where they lie apart or autograd watches them. */
        static Optional<Joint> of(Projection q, Projection k, Projection v, Constants constants) {
            NDArray owner = constants.whole(0);
            NDArray w = Kernels.call("joint_columns", owner, q.w(), k.w(), v.w());
            NDArray b = Kernels.call("joint_columns", owner, q.b(), k.b(), v.b());
            if (w.size() > 0 && b.size() > 0) {
                return Optional.of(new Joint(w, b));
            }
            w.close();
            b.close();
            return Optional.empty();
        }
    }

    /**
     * Queries, keys and values before anything is done to them.
     *
     * @param q {@code [batch pos head d_head]}
     * @param k {@code [batch pos kv_head d_head]}
     * @param v {@code [batch pos kv_head d_head]}
     */
    private record Projected(NDArray q, NDArray k, NDArray v) {
        static Projected of(NDList parts) {
            return new Projected(parts.get(0), parts.get(1), parts.get(2));
        }

        /** Gives the memory back: what goes on from here has its own, or its own hold of this. */
        void close() {
            q.close();
            k.close();
            v.close();
        }
    }

    /**
     * The linear map out of the heads.
     *
     * @param w {@code [head d_head d_model]}
     * @param b {@code [d_model]}
     */
    record Output(NDArray w, NDArray b) {}

    /**
     * What the three maps read.
     *
     * @param q for queries
     * @param k for keys
     * @param v for values
     */
    record Inputs(NDArray q, NDArray k, NDArray v) {}

    /**
     * How scores come from queries and keys.
     *
     * @param scale what they are divided by, rank 0
     * @param softcap what they are squeezed below, rank 0
     * @param slopes of the distance penalty, {@code [head]}
     * @param qNorm on each head's queries
     * @param kNorm on each head's keys
     * @param sharing how many query heads share a key head, rank 0; empty where none do
     */
    record Scores(
            NDArray scale,
            Optional<NDArray> softcap,
            Optional<NDArray> slopes,
            Normalizer qNorm,
            Normalizer kNorm,
            Optional<NDArray> sharing) {}

    /**
     * Attends.
     *
     * @param in normalised inputs
     * @param pass positions, masks and hooks
     * @return what is written to the residual stream, {@code [batch pos d_model]}, before its hook point
     */
    NDArray forward(Inputs in, Sight pass) {
        return forward(projected(in, pass), pass);
    }

    /**
     * Attends from what a norm reads: norm and the three maps by one operator, where nobody looks between them.
     *
     * @param before the norm
     * @param residual {@code [batch pos d_model]}
     * @return what is written to the residual stream, {@code [batch pos d_model]}, before its hook point
     */
    NDArray forward(Normalizer before, NDArray residual, Sight pass) {
        HookDispatch hooks = pass.hooks();
        if (before instanceof Normalizer.Layer norm && norm.isUnseen(hooks) && areOne(hooks)) {
            Joint maps = joint.get();
            NDList parts = Kernels.callForList(
                    "norm_and_project",
                    residual,
                    norm.w(),
                    norm.b(),
                    norm.eps(),
                    maps.w(),
                    maps.b(),
                    q.w(),
                    k.w(),
                    like(residual, pass));
            return forward(Projected.of(parts), pass);
        }
        NDArray in = before.forward(residual, hooks);
        return forward(new Inputs(in, in, in), pass);
    }

    private NDArray forward(Projected projected, Sight pass) {
        HookDispatch hooks = pass.hooks();
        NDArray newQueries = hooks.at(HookPoint.Q, layer, projected.q());
        NDArray newKeys = hooks.at(HookPoint.K, layer, everyHead(projected.k(), hooks));
        NDArray newValues = hooks.at(HookPoint.V, layer, everyHead(projected.v(), hooks));
        NDArray queries = normed(scores.qNorm(), newQueries, hooks);
        KvCache.Entry all = pass.remember(layer, normed(scores.kNorm(), newKeys, hooks), newValues);
        NDArray rotatedQueries = pass.rotatedQueries(layer, queries);
        NDArray rotatedKeys = pass.rotatedKeys(layer, all.keys());
        NDArray written = written(rotatedQueries, rotatedKeys, all.values(), pass);
        projected.close();
        return written;
    }

    /** Queries look at keys, and what they find there goes back to the residual stream. */
    private NDArray written(NDArray queries, NDArray keys, NDArray values, Sight pass) {
        if (isHidden(pass)) {
            return unseen(queries, shared(keys), shared(values), pass);
        }
        HookDispatch hooks = pass.hooks();
        NDArray mixed = canBeFused(pass)
                ? fused(queries, shared(keys), shared(values), pass)
                : explicit(queries, keys, shared(values), pass);
        // [batch pos head d_head]
        NDArray z = hooks.at(HookPoint.Z, layer, mixed);
        if (!hooks.isOpen(Gate.ATTN_RESULT)) {
            return Kernels.call("attn_out", z, out.w(), out.b());
        }
        NDArray result = hooks.at(HookPoint.RESULT, layer, Kernels.call("head_results", z, out.w()));
        return Kernels.call("sum_heads", result, out.b());
    }

    private Projected projected(Inputs in, Sight pass) {
        boolean oneInput =
                in.q() == in.k() && in.q() == in.v() && in.q().getShape().dimension() == 3;
        if (!oneInput || !areOne(pass.hooks())) {
            return new Projected(q.forward(in.q()), k.forward(in.k()), v.forward(in.v()));
        }
        return Projected.of(Kernels.callForList(
                "project_jointly", in.q(), joint.get().w(), joint.get().b(), q.w(), k.w(), like(in.q(), pass)));
    }

    /** What queries, keys and values have the type of: the weights' where they only go into the fused operator, as they are. */
    private NDArray like(NDArray residual, Sight pass) {
        boolean plain = scores.qNorm() instanceof Normalizer.Identity && scores.kNorm() instanceof Normalizer.Identity;
        boolean hidden = plain
                && pass.attendsAsProjected(layer)
                && isHidden(pass)
                && !pass.hooks().isWatched(HookPoint.Q, layer);
        return hidden ? out.w() : residual;
    }

    /** Whether nobody looks at what lies between queries, keys and values and the residual stream. */
    private boolean isHidden(Sight pass) {
        HookDispatch hooks = pass.hooks();
        return canBeFused(pass) && !hooks.isWatched(HookPoint.Z, layer) && !hooks.isOpen(Gate.ATTN_RESULT);
    }

    /**
     * Whether the three maps are taken as one. Who keeps one of the three would keep the memory of all; and training needs
     * each weight's own place in the graph.
     */
    private boolean areOne(HookDispatch hooks) {
        boolean queries = hooks.isWatched(HookPoint.Q, layer);
        return joint.isPresent()
                && !hooks.isRecorded()
                && queries == hooks.isWatched(HookPoint.K, layer)
                && queries == hooks.isWatched(HookPoint.V, layer);
    }

    /** Whether nobody looks at scores or pattern, and they are plain enough for libtorch's own operator. */
    private boolean canBeFused(Sight pass) {
        boolean plain = scores.softcap().isEmpty()
                && scores.slopes().isEmpty()
                && pass.distanceBias().isEmpty();
        boolean watched = pass.hooks().isWatched(HookPoint.ATTN_SCORES, layer)
                || pass.hooks().isWatched(HookPoint.PATTERN, layer);
        return plain && !watched && pass.seesWholeTexts();
    }

    /** Scores, pattern and mixture in one operator, which never writes the first two out. */
    private NDArray fused(NDArray queries, NDArray keys, NDArray values, Sight pass) {
        return pass.isTriangular(layer)
                ? Kernels.call("fused_causal_attention", queries, keys, values, scores.scale(), queries)
                : Kernels.call("fused_attention", queries, keys, values, scores.scale(), queries, pass.mask(layer));
    }

    /** The same and the map out of the heads, in the type of that map's weight: nobody looks at the mixture either. */
    private NDArray unseen(NDArray queries, NDArray keys, NDArray values, Sight pass) {
        return pass.isTriangular(layer)
                ? Kernels.call("attend_causally", queries, keys, values, scores.scale(), out.w(), out.b())
                : Kernels.call("attend", queries, keys, values, scores.scale(), pass.mask(layer), out.w(), out.b());
    }

    private NDArray explicit(NDArray queries, NDArray keys, NDArray values, Sight pass) {
        HookDispatch hooks = pass.hooks();
        // [batch head query_pos key_pos]
        NDArray attnScores = hooks.at(HookPoint.ATTN_SCORES, layer, scored(queries, keys, pass));
        boolean mayBeEmpty = !pass.seesWholeTexts() || hooks.isChanged(HookPoint.ATTN_SCORES, layer);
        String softmax = mayBeEmpty ? "attn_pattern_of_padded" : "attn_pattern";
        NDArray pattern = hooks.at(HookPoint.PATTERN, layer, Kernels.call(softmax, attnScores));
        return Kernels.call("mix_values", pattern, values);
    }

    private NDArray scored(NDArray queries, NDArray keys, Sight pass) {
        NDArray raw = Kernels.call("attn_scores", queries, shared(keys), scores.scale());
        NDArray squeezed =
                scores.softcap().map(cap -> Kernels.call("softcap", raw, cap)).orElse(raw);
        NDArray sloped = scores.slopes()
                .map(slopes -> pass.withPenalty(squeezed, slopes))
                .orElse(squeezed);
        NDArray placed = pass.distanceBias()
                .map(bias -> Kernels.call("add_bias", sloped, bias))
                .orElse(sloped);
        return Kernels.call("mask_scores", placed, pass.mask(layer));
    }

    /** With the switch for it, keys and values get all heads before their hook points. */
    private NDArray everyHead(NDArray x, HookDispatch hooks) {
        return hooks.isOpen(Gate.UNGROUPED_GQA)
                        && x.getShape().get(2) < q.w().getShape().get(0)
                ? repeated(x)
                : x;
    }

    /** Keys or values for every query head, {@code [batch pos head d_head]}. */
    private NDArray shared(NDArray x) {
        return x.getShape().get(2) < q.w().getShape().get(0) ? repeated(x) : x;
    }

    private NDArray repeated(NDArray x) {
        return scores.sharing()
                .map(count -> Kernels.call("repeat_heads", x, count))
                .orElse(x);
    }

    /** Each head's vector normalised on its own; the norm's hooks see them as rows, as TransformerLens's do. */
    private static NDArray normed(Normalizer norm, NDArray x, HookDispatch hooks) {
        if (norm instanceof Normalizer.Identity) {
            return x;
        }
        NDArray rows = x.reshape(-1, x.getShape().get(3));
        return norm.forward(rows, hooks).reshape(x.getShape());
    }
}
