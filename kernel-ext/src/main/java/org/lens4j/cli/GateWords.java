package org.lens4j.cli;

import java.util.Optional;
import org.lens4j.hook.Gate;
import org.lens4j.model.RunOptions;
import picocli.CommandLine.Option;

/** What is off unless it is asked for. */
final class GateWords {
    @Option(names = "--attn-result", description = "Fire attn.hook_result: what each head writes.")
    private boolean attnResult;

    @Option(names = "--split-qkv", description = "Fire hook_q_input, hook_k_input and hook_v_input.")
    private boolean splitQkv;

    @Option(names = "--attn-in", description = "Fire hook_attn_in: one attention input for each head.")
    private boolean attnIn;

    @Option(names = "--mlp-in", description = "Fire hook_mlp_in: what the MLP's layer norm reads.")
    private boolean mlpIn;

    @Option(
            names = "--ungroup-gqa",
            description = "Repeat keys and values of grouped-query attention, so that every head has its own.")
    private boolean ungroupGqa;

    @Option(
            names = "--next-sentence",
            description = "Fire pooler.hook_pooler_out and nsp_head.hook_nsp_out of an encoder such as BERT.")
    private boolean nextSentence;

    GateWords() {}

    /** A run's options with these switches. */
    RunOptions options() {
        RunOptions none = RunOptions.defaults();
        RunOptions results = attnResult ? none.withAttnResult() : none;
        RunOptions split = splitQkv ? results.withSplitQkvInput() : results;
        RunOptions in = attnIn ? split.withAttnIn() : split;
        RunOptions mlp = mlpIn ? in.withMlpIn() : in;
        RunOptions ungrouped = ungroupGqa ? mlp.withUngroupedGqa() : mlp;
        return nextSentence ? ungrouped.withNextSentence() : ungrouped;
    }

    /** The word that opens a gate; empty if the command line has none. */
    static Optional<String> word(Gate gate) {
        return Optional.of(gate.flag()).filter(it -> gate != Gate.TOKENS);
    }
}
