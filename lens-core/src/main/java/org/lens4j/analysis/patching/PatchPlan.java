package org.lens4j.analysis.patching;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.TreeMap;
import org.lens4j.config.ModelConfig;
import org.lens4j.tensor.FreeMemory;

/**
 * Which patches go through the model together, and from which position on. A patch changes nothing before its position, so a
 * wave that begins there is shorter; but every wave reads all weights again.
 *
 * @param waves each from one position on, its patches in the order of their layers
 */
record PatchPlan(List<Planned> waves) {
    /** Beyond so many tokens in a batch a matrix product gains nothing; what is larger only takes memory. */
    private static final int ENOUGH_TOKENS = 1024;

    /** What reading a block's weights costs, in tokens that are computed meanwhile; measured on the shape of GPT-2 small. */
    private static final long BLOCK_IN_TOKENS = 40;

    private static final int SHARE_OF_FREE = 4;

    PatchPlan {
        waves = List.copyOf(waves);
    }

    /**
     * Patches of one wave.
     *
     * @param start the position it begins with
     * @param patches in the order of their layers
     */
    record Planned(int start, List<Patch> patches) {
        Planned {
            patches = List.copyOf(patches);
        }
    }

    /**
     * What the plan is for.
     *
     * @param config the model
     * @param pos positions of each prompt
     * @param prompts rows of each patch
     * @param rows most rows in a batch; 0 to choose
     */
    record Frame(ModelConfig config, int pos, int prompts, int rows) {
        /** Most patches of a wave that begins at a position. */
        int most(int start) {
            long length = (long) pos - start;
            if (rows > 0) {
                return Math.max(1, rows / prompts);
            }
            long tokens = Math.max(1, ENOUGH_TOKENS / length);
            long memory = Math.max(1, FreeMemory.ofMachine().bytes() / SHARE_OF_FREE / bytes(length));
            return (int) Math.max(1, Math.min(tokens, memory) / prompts);
        }

        /** About what one row takes in a block, its logits included. */
        private long bytes(long length) {
            long width = 12L * config.dModel()
                    + 3L * config.dMlp()
                    + 4L * config.nHeads() * config.dHead()
                    + 3L * config.nHeads() * pos;
            return Float.BYTES * (length * width + config.dVocabOut());
        }
    }

    static PatchPlan of(List<Patch> patches, Frame frame) {
        TreeMap<Integer, List<Patch>> byStart = new TreeMap<>();
        patches.forEach(it ->
                byStart.computeIfAbsent(it.start(), at -> new ArrayList<>()).add(it));
        List<Planned> waves = new ArrayList<>();
        List<Integer> starts = new ArrayList<>(byStart.keySet());
        List<Integer> ends = chunks(starts, byStart, frame);
        int from = 0;
        for (int end : ends) {
            List<Patch> chunk = new ArrayList<>();
            starts.subList(from, end).forEach(it -> chunk.addAll(byStart.getOrDefault(it, List.of())));
            chunk.sort(Comparator.comparingInt(Patch::layer));
            int start = starts.get(from);
            int most = frame.most(start);
            for (int i = 0; i < chunk.size(); i += most) {
                waves.add(new Planned(start, chunk.subList(i, Math.min(chunk.size(), i + most))));
            }
            from = end;
        }
        return new PatchPlan(waves);
    }

    /** Where to cut the list of starts so that the work is least: each chunk begins at its first. Gives the chunks' ends. */
    private static List<Integer> chunks(List<Integer> starts, TreeMap<Integer, List<Patch>> byStart, Frame frame) {
        int n = starts.size();
        long[] work = new long[n];
        for (int i = 0; i < n; i++) {
            work[i] = frame.prompts()
                    * byStart.getOrDefault(starts.get(i), List.of()).stream()
                            .mapToLong(it -> frame.config().nLayers() - it.layer())
                            .sum();
        }
        long fixed = BLOCK_IN_TOKENS * frame.config().nLayers();
        long[] least = new long[n + 1];
        int[] next = new int[n];
        for (int i = n - 1; i >= 0; i--) {
            least[i] = Long.MAX_VALUE;
            long rows = 0;
            for (int end = i + 1; end <= n; end++) {
                rows += work[end - 1];
                long cost = fixed + rows * (frame.pos() - starts.get(i)) + least[end];
                if (cost < least[i]) {
                    least[i] = cost;
                    next[i] = end;
                }
            }
        }
        List<Integer> ends = new ArrayList<>();
        for (int i = 0; i < n; i = next[i]) {
            ends.add(next[i]);
        }
        return ends;
    }
}
