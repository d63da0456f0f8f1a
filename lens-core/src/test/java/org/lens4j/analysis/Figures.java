package org.lens4j.analysis;

import ai.djl.ndarray.NDArray;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.lens4j.analysis.prompts.PromptPair;
import org.lens4j.analysis.prompts.PromptPairs;
import org.lens4j.analysis.residual.Answers;
import org.lens4j.analysis.residual.ResidualStack;
import org.lens4j.analysis.residual.ResidualStream;
import org.lens4j.analysis.residual.StackOptions;
import org.lens4j.model.HookedTransformer;
import org.lens4j.model.Run;
import org.lens4j.tensor.Slice;
import org.lens4j.text.Tokens;

/** Numbers in the form in which documents of TransformerLens publish them. */
final class Figures {
    private Figures() {}

    /**
     * The rank of a token behind a prompt, by what the residual stream says before each layer and at the end: normalised, times
     * {@code W_U}, without the unembedding's bias.
     */
    static List<Integer> ranksByLayer(HookedTransformer model, Tokens prompt, long answer) {
        StackOptions last = StackOptions.defaults().withPositions(Slice.at(-1)).withLn();
        List<Integer> ranks = new ArrayList<>();
        try (ResidualStream stream = ResidualStream.of(model, prompt);
                ResidualStack layers = stream.accumulated(last)) {
            NDArray rows = layers.tensor()
                    .reshape(layers.size(), model.config().dModel())
                    .matMul(model.parameter("unembed.W_U"));
            float[] logits = rows.toFloatArray();
            int size = logits.length / layers.size();
            for (int layer = 0; layer < layers.size(); layer++) {
                float[] row = Arrays.copyOfRange(logits, layer * size, (layer + 1) * size);
                float own = row[(int) answer];
                ranks.add(
                        (int) IntStream.range(0, size).filter(i -> row[i] > own).count());
            }
        }
        return ranks;
    }

    /** What the embeddings and each layer's attention add to the logit of a token, {@code [component batch pos]}. */
    static Grid attributionOfAttention(HookedTransformer model, Tokens prompt, String answer) {
        StackOptions attention = StackOptions.defaults().withPart(StackOptions.Part.ATTENTION);
        try (ResidualStream stream = ResidualStream.of(model, prompt);
                ResidualStack parts = stream.decomposed(attention)) {
            return stream.logitAttributions(parts, Answers.of(model.answer(answer)));
        }
    }

    /** By how much the right name is ahead of the wrong one behind each prompt, clean and, where it is to be, corrupted. */
    static List<Float> leads(HookedTransformer model, PromptPairs pairs, boolean both) {
        List<Float> leads = new ArrayList<>();
        for (PromptPair pair : pairs.pairs()) {
            int right = Math.toIntExact(pair.answers().get(0).id());
            int wrong = Math.toIntExact(pair.wrong().get(0).id());
            leads.add(lead(model, pair.cleanTokens(), right, wrong));
            if (both) {
                leads.add(lead(model, pair.corruptedTokens(), wrong, right));
            }
        }
        return leads;
    }

    private static float lead(HookedTransformer model, Tokens prompt, int right, int wrong) {
        try (Run run = model.run(prompt)) {
            float[] logits = run.logits().get("0, -1").toFloatArray();
            return logits[right] - logits[wrong];
        }
    }

    /** The share of numbers above 0. */
    static double shareAhead(List<Float> leads) {
        return leads.stream().filter(it -> it > 0).count() / (double) leads.size();
    }

    static double mean(List<Float> leads) {
        return leads.stream().mapToDouble(it -> it).average().orElseThrow();
    }

    /** Where the largest number of a grid stands in row-major order. */
    static int largest(Grid grid) {
        float[] values = grid.values();
        return IntStream.range(0, values.length)
                .reduce((a, b) -> values[b] > values[a] ? b : a)
                .orElseThrow();
    }

    /** Where the number farthest from 0 stands in row-major order. */
    static int farthest(Grid grid) {
        float[] values = grid.values();
        return IntStream.range(0, values.length)
                .reduce((a, b) -> Math.abs(values[b]) > Math.abs(values[a]) ? b : a)
                .orElseThrow();
    }

    /** The tokens a parameter {@code [d_vocab]} favours most, most first. */
    static List<String> largestTokens(HookedTransformer model, String parameter, int count) {
        float[] values = model.parameter(parameter).toFloatArray();
        return IntStream.range(0, values.length)
                .boxed()
                .sorted((a, b) -> Float.compare(values[b], values[a]))
                .limit(count)
                .map(id -> model.tokenizer().decode((long) id))
                .toList();
    }

    /** The heads of a grid {@code [layer head]} as {@code 9.6}, largest first. */
    static List<String> rankedHeads(Grid grid) {
        float[] values = grid.values();
        int nHeads = grid.axis("head").size();
        return IntStream.range(0, values.length)
                .boxed()
                .sorted((a, b) -> Float.compare(values[b], values[a]))
                .map(i -> "%d.%d".formatted(i / nHeads, i % nHeads))
                .toList();
    }
}
