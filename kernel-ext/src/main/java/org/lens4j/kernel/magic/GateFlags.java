package org.lens4j.kernel.magic;

import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.lens4j.error.UsageException;
import org.lens4j.hook.Gate;
import org.lens4j.hook.HookCatalogue;
import org.lens4j.hook.HookName;

/** The options that fire hook points which are off unless they are asked for. */
final class GateFlags {
    private static final Map<Gate, Option> OPTIONS = options();

    private GateFlags() {}

    private static Map<Gate, Option> options() {
        Map<Gate, Option> options = new LinkedHashMap<>();
        for (Gate gate : Gate.values()) {
            options.put(gate, Option.flag(meaning(gate), gate.flag()));
        }
        return options;
    }

    private static String meaning(Gate gate) {
        return switch (gate) {
            case ATTN_RESULT -> "fires attn.hook_result: what each head writes";
            case SPLIT_QKV_INPUT -> "fires hook_q_input, hook_k_input and hook_v_input";
            case ATTN_IN -> "fires hook_attn_in: one attention input for each head";
            case MLP_IN -> "fires hook_mlp_in: what the MLP's layer norm reads";
            case UNGROUPED_GQA -> "gives every head keys and values of its own";
            case TOKENS -> "fires hook_tokens: the ids";
            case NEXT_SENTENCE -> "fires pooler.hook_pooler_out and nsp_head.hook_nsp_out of BERT";
        };
    }

    static List<Option> all() {
        return List.copyOf(OPTIONS.values());
    }

    /** Those that are on. */
    static Set<Gate> of(Arguments arguments) {
        Set<Gate> open = EnumSet.noneOf(Gate.class);
        OPTIONS.forEach((gate, option) -> {
            if (arguments.has(option)) {
                open.add(gate);
            }
        });
        return open;
    }

    /** The calls that do the same to a run's options. */
    static String java(Arguments arguments) {
        return of(arguments).stream().map(it -> "." + it.option() + "()").collect(Collectors.joining());
    }

    /** The library's own message names a Java call; in a cell it is a word. */
    static void requireOpen(HookCatalogue hooks, List<String> globs, Set<Gate> open) {
        for (HookName name : hooks.matching(globs, open)) {
            if (!HookCatalogue.isOpen(name, open)) {
                throw new UsageException("%s is off unless it is asked for: it costs extra memory. Add %s."
                        .formatted(name, name.point().gate().orElseThrow().flag()));
            }
        }
    }
}
