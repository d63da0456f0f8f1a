package org.lens4j.model;

import ai.djl.ndarray.NDArray;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.lens4j.cache.CacheBudget;
import org.lens4j.cache.CacheOptions;
import org.lens4j.hook.Gate;
import org.lens4j.hook.Hooks;

/**
 * What one run does besides computing logits. Immutable.
 *
 * <pre>{@code
 * RunOptions.defaults().withAttnResult().withCached("blocks.*.attn.hook_result")
 * }</pre>
 *
 * @param gates the optional hook points that fire
 * @param hooks functions to call
 * @param cached names or globs of activations to keep
 * @param past keys and values of earlier runs, which this one continues and adds to
 * @param gradients whether autograd records the run for the caller; off unless something is trained
 * @param backward what is wanted of the pass back
 * @param layers which blocks are run
 * @param posSlice which positions of activations are kept; empty for all
 * @param keeping how activations are kept, and in how much memory
 */
public record RunOptions(
        Set<Gate> gates,
        Hooks hooks,
        List<String> cached,
        Optional<KvCache> past,
        boolean gradients,
        Backward backward,
        LayerRange layers,
        Optional<PosSlice> posSlice,
        CacheOptions keeping) {
    /** Copies the collections. */
    public RunOptions {
        gates = Set.copyOf(gates);
        cached = List.copyOf(cached);
    }

    /** No hooks, nothing cached, no optional hook points, no gradients. */
    public static RunOptions defaults() {
        return new RunOptions(
                Set.of(),
                Hooks.none(),
                List.of(),
                Optional.empty(),
                false,
                Backward.none(),
                LayerRange.all(),
                Optional.empty(),
                CacheOptions.defaults());
    }

    /** Calls these functions; replaces those set before. */
    public RunOptions withHooks(Hooks functions) {
        return new RunOptions(gates, functions, cached, past, gradients, backward, layers, posSlice, keeping);
    }

    /** Keeps these activations too. */
    public RunOptions withCached(String... names) {
        return withCached(List.of(names));
    }

    /** Keeps these activations too. */
    public RunOptions withCached(List<String> names) {
        List<String> all = new ArrayList<>(cached);
        all.addAll(names);
        return new RunOptions(gates, hooks, all, past, gradients, backward, layers, posSlice, keeping);
    }

    /** Lets autograd record the run. The caller owns the graph: close the run after the backward pass. */
    public RunOptions withGradients() {
        return new RunOptions(gates, hooks, cached, past, true, backward, layers, posSlice, keeping);
    }

    /**
     * Goes back through the run from a number: calls the hooks on gradients, and keeps the gradients that are asked for. Where
     * none are named, those of all cached activations are kept, under {@code NAME_grad}. TransformerLens: {@code incl_bwd}.
     */
    public RunOptions withMetric(Metric metric) {
        return with(new Backward(Optional.of(metric), backward.activations(), backward.parameters()));
    }

    /** Keeps the gradients of the metric at these points too, under {@code NAME_grad}. */
    public RunOptions withGradientsOf(String... names) {
        return with(new Backward(backward.metric(), both(backward.activations(), names), backward.parameters()));
    }

    /** Keeps the gradients of the metric by these parameters too: {@code run.parameterGradient(name)}. */
    public RunOptions withParameterGradientsOf(String... names) {
        return with(new Backward(backward.metric(), backward.activations(), both(backward.parameters(), names)));
    }

    private static List<String> both(List<String> old, String... more) {
        List<String> all = new ArrayList<>(old);
        all.addAll(List.of(more));
        return all;
    }

    private RunOptions with(Backward other) {
        return new RunOptions(gates, hooks, cached, past, gradients, other, layers, posSlice, keeping);
    }

    /** The points whose gradients are kept. */
    List<String> gradientsKept() {
        boolean nothingNamed = backward.activations().isEmpty()
                && backward.parameters().isEmpty()
                && hooks.attached().stream().noneMatch(it -> it.action().isBackward());
        return backward.metric().isPresent() && nothingNamed ? cached : backward.activations();
    }

    /**
     * Begins with a block instead of the embedding. TransformerLens: {@code start_at_layer}.
     *
     * @param layer the first block that is run; negative ones count from the end
     * @param residual what it reads, {@code [batch pos d_model]}; stays with the caller
     */
    public RunOptions startAtLayer(int layer, NDArray residual) {
        LayerRange range = new LayerRange(Optional.of(new LayerRange.Start(layer, residual)), layers.stop());
        return new RunOptions(gates, hooks, cached, past, gradients, backward, range, posSlice, keeping);
    }

    /**
     * Stops before a block; the run then has a residual stream and no logits. TransformerLens: {@code stop_at_layer}.
     *
     * @param layer the first block that is not run: 0 for the embedding alone, -1 for all blocks but the last
     */
    public RunOptions stopAtLayer(int layer) {
        LayerRange range = new LayerRange(layers.start(), OptionalInt.of(layer));
        return new RunOptions(gates, hooks, cached, past, gradients, backward, range, posSlice, keeping);
    }

    /**
     * Keeps one position of every activation; the axis stays, of size 1. TransformerLens: {@code pos_slice}.
     *
     * @param pos negative ones count from the end
     */
    public RunOptions withPosSlice(int pos) {
        return withPosSlice(pos, 1);
    }

    /** Keeps some positions of every activation, from one on. */
    public RunOptions withPosSlice(int from, int count) {
        return new RunOptions(
                gates,
                hooks,
                cached,
                past,
                gradients,
                backward,
                layers,
                Optional.of(new PosSlice(from, count)),
                keeping);
    }

    /** Keeps activations within this much native memory; the rest lies in a temporary file and is read back when asked for. */
    public RunOptions withCacheBudget(CacheBudget budget) {
        return with(keeping.with(budget));
    }

    /** Keeps activations as float16, in half the memory: {@link CacheOptions#withFloat16()}. */
    public RunOptions withFloat16Cache() {
        return with(keeping.withFloat16());
    }

    private RunOptions with(CacheOptions other) {
        return new RunOptions(gates, hooks, cached, past, gradients, backward, layers, posSlice, other);
    }

    /**
     * Continues the texts a cache remembers: the run's tokens stand behind them, and are remembered too unless the cache is
     * frozen. TransformerLens: {@code past_kv_cache}.
     *
     * @param cache stays with the caller
     */
    public RunOptions withPast(KvCache cache) {
        return new RunOptions(gates, hooks, cached, Optional.of(cache), gradients, backward, layers, posSlice, keeping);
    }

    /** Fires {@code hook_result}: what each head writes. */
    public RunOptions withAttnResult() {
        return with(Gate.ATTN_RESULT);
    }

    /** Fires {@code hook_q_input}, {@code hook_k_input} and {@code hook_v_input}. */
    public RunOptions withSplitQkvInput() {
        return with(Gate.SPLIT_QKV_INPUT);
    }

    /** Fires {@code hook_attn_in}. */
    public RunOptions withAttnIn() {
        return with(Gate.ATTN_IN);
    }

    /** Fires {@code hook_mlp_in}. */
    public RunOptions withMlpIn() {
        return with(Gate.MLP_IN);
    }

    /**
     * Gives every head keys and values of its own where several share one, so that {@code hook_k}, {@code hook_v} and their
     * inputs have all the heads. TransformerLens: {@code ungroup_grouped_query_attention}.
     */
    public RunOptions withUngroupedGqa() {
        return with(Gate.UNGROUPED_GQA);
    }

    /** Fires {@code hook_tokens}. */
    public RunOptions withTokens() {
        return with(Gate.TOKENS);
    }

    /**
     * Fires {@code hook_pooler_out} and {@code hook_nsp_out}: an encoder's head that tells whether the second segment follows
     * the first. TransformerLens: {@code BertNextSentencePrediction}.
     */
    public RunOptions withNextSentence() {
        return with(Gate.NEXT_SENTENCE);
    }

    /** Fires the points of a switch. */
    public RunOptions with(Gate gate) {
        Set<Gate> more = EnumSet.of(gate);
        more.addAll(gates);
        return new RunOptions(more, hooks, cached, past, gradients, backward, layers, posSlice, keeping);
    }
}
