package org.lens4j.model;

import ai.djl.ndarray.types.Shape;
import org.lens4j.error.RangeException;
import org.lens4j.error.ShapeException;
import org.lens4j.error.UsageException;
import org.lens4j.hook.Gate;
import org.lens4j.hook.HookPoint;
import org.lens4j.text.Tokens;

/** What can be seen to be wrong with a run of a decoder before anything is computed. */
record RunCheck(HookedTransformer model, Tokens tokens, RunOptions options) {
    /** Throws with what to do instead. */
    static void of(HookedTransformer model, Tokens tokens, RunOptions options) {
        RunCheck check = new RunCheck(model, tokens, options);
        options.past().ifPresent(check::fits);
        check.gradients();
        options.layers().start().ifPresent(start -> check.start(start.residual().getShape()));
        check.gates();
    }

    private void fits(KvCache past) {
        int nLayers = model.config().nLayers();
        boolean whole = options.layers().first(nLayers) == 0 && options.layers().end(nLayers) == nLayers;
        if (past.isGrowing() && !whole) {
            throw new UsageException(
                    "A key-value cache remembers all layers, and this run goes through some (startAtLayer, stopAtLayer). Freeze the cache to only read it: past.freeze().");
        }
        int nCtx = model.config().nCtx();
        if (past.length() + tokens.pos() > nCtx) {
            throw new RangeException(
                    "%d tokens are remembered and %d follow, and %s reads at most %d in all (n_ctx). Start a new KvCache."
                            .formatted(past.length(), tokens.pos(), model.name(), nCtx));
        }
    }

    private void gradients() {
        boolean ofParameters =
                options.gradients() || !options.backward().parameters().isEmpty();
        if (model.computeType() != ComputeType.FLOAT32 && ofParameters) {
            throw new UsageException(
                    "This model takes its products in %s, of copies of its parameters, and those have no gradient. Take gradients by parameters from the float32 model it was made of."
                            .formatted(model.computeType().pythonName()));
        }
        if (options.layers().stop().isPresent() && options.backward().metric().isPresent()) {
            throw new UsageException(
                    "A metric is computed from logits, and this run stops before them (stopAtLayer). Leave one of the two out.");
        }
    }

    private void start(Shape residual) {
        Shape wanted = new Shape(tokens.batch(), tokens.pos(), model.config().dModel());
        if (!residual.equals(wanted)) {
            throw new ShapeException("A run of these tokens starts with a residual stream of %s, not %s."
                    .formatted(
                            HookPoint.RESID_PRE.axes().describe(wanted),
                            HookPoint.RESID_PRE.axes().describe(residual)));
        }
    }

    private void gates() {
        if (options.gates().contains(Gate.ATTN_IN)
                && model.config().attention().grouped()
                && !options.gates().contains(Gate.UNGROUPED_GQA)) {
            throw new UsageException(
                    "hook_attn_in gives each of %d heads an input, and in %s they share %d keys and values. Turn on withUngroupedGqa() too, or use withSplitQkvInput()."
                            .formatted(
                                    model.config().nHeads(),
                                    model.name(),
                                    model.config().nKvHeads()));
        }
    }
}
