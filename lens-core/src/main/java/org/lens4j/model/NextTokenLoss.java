package org.lens4j.model;

import org.lens4j.config.ModelConfig;
import org.lens4j.error.UsageException;
import org.lens4j.tensor.Kernels;
import org.lens4j.tensor.Scope;
import org.lens4j.text.Tokens;

/** The surprise at each next token, of the model's own text. */
final class NextTokenLoss {
    private NextTokenLoss() {}

    /** Nats per token, padding left out. */
    static float mean(HookedTransformer model, Tokens tokens) {
        require(model);
        try (Run run = model.run(tokens);
                Scope scope = Scope.root()) {
            return Metric.loss().value(run.logits(), tokens, scope).getFloat();
        }
    }

    /** Nats, {@code [batch pos-1]}; at padding they mean nothing. */
    static float[][] each(HookedTransformer model, Tokens tokens) {
        require(model);
        try (Run run = model.run(tokens);
                Scope scope = Scope.root()) {
            float[] flat = Kernels.call("next_token_loss", run.logits(), tokens.tensor(scope))
                    .toFloatArray();
            float[][] rows = new float[tokens.batch()][tokens.pos() - 1];
            for (int row = 0; row < rows.length; row++) {
                System.arraycopy(flat, row * rows[row].length, rows[row], 0, rows[row].length);
            }
            return rows;
        }
    }

    private static void require(HookedTransformer model) {
        ModelConfig config = model.config();
        if (config.dVocabOut() != config.dVocab()) {
            throw new UsageException(
                    "%s reads %d tokens and says %d others, so it has no loss at the next token. Use run(tokens).logits()."
                            .formatted(model.name(), config.dVocab(), config.dVocabOut()));
        }
    }
}
