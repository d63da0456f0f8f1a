package org.lens4j.analysis.patching;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.lens4j.config.Mlp;
import org.lens4j.config.ModelConfig;
import org.lens4j.error.UsageException;
import org.lens4j.hook.HookName;
import org.lens4j.hook.HookPoint;
import org.lens4j.model.HookedTransformer;
import org.lens4j.model.RunOptions;

/**
 * What writes to the residual stream of a model and what reads it, in firing order.
 *
 * @param writers of each hook point that writes
 * @param readers of each hook point that reads
 */
record EdgeNodes(List<Group> writers, List<Group> readers) {
    /**
     * The nodes of one hook point.
     *
     * @param name where
     * @param labels one for each
     * @param first the number of the first of them
     * @param seen how many writers come before; of a reader, those it reads
     */
    record Group(HookName name, List<String> labels, int first, int seen) {
        boolean hasHeads() {
            return name.point().axes().rank() == 4;
        }
    }

    /** The options that let all of them fire. */
    private static RunOptions options() {
        return RunOptions.defaults().withAttnResult().withSplitQkvInput();
    }

    static RunOptions options(HookedTransformer model) {
        return model.config().mlp() instanceof Mlp.None ? options() : options().withMlpIn();
    }

    static EdgeNodes of(HookedTransformer model) {
        requireSum(model);
        ModelConfig config = model.config();
        boolean mlps = !(config.mlp() instanceof Mlp.None);
        Counting writers = new Counting();
        Counting readers = new Counting();
        writers.add(HookPoint.RESID_PRE, 0, List.of("embed"), Optional.empty());
        for (int layer = 0; layer < config.nLayers(); layer++) {
            int before = writers.count;
            readers.add(HookPoint.Q_INPUT, layer, heads(layer, config.nHeads(), ".q"), Optional.of(before));
            readers.add(HookPoint.K_INPUT, layer, heads(layer, config.nKvHeads(), ".k"), Optional.of(before));
            readers.add(HookPoint.V_INPUT, layer, heads(layer, config.nKvHeads(), ".v"), Optional.of(before));
            writers.add(HookPoint.RESULT, layer, heads(layer, config.nHeads(), ""), Optional.empty());
            if (mlps) {
                List<String> mlp = List.of("MLP" + layer);
                readers.add(HookPoint.MLP_IN, layer, mlp, Optional.of(config.parallel() ? before : writers.count));
                writers.add(HookPoint.MLP_OUT, layer, mlp, Optional.empty());
            }
        }
        readers.add(HookPoint.RESID_POST, config.nLayers() - 1, List.of("logits"), Optional.of(writers.count));
        return new EdgeNodes(writers.groups, readers.groups);
    }

    /** Refuses models where what is written is changed before it is added. */
    static void requireSum(HookedTransformer model) {
        if (model.config().norms().afterParts()) {
            throw new UsageException(
                    "%s normalises what attention and MLPs write before it is added, so single heads add nothing of their own and have no edges. Patch PatchSite.headOut() or attnOut()."
                            .formatted(model.name()));
        }
    }

    private static List<String> heads(int layer, int count, String suffix) {
        return IntStream.range(0, count)
                .mapToObj(head -> "L%dH%d%s".formatted(layer, head, suffix))
                .toList();
    }

    /** Labels of all writers. */
    List<String> writerLabels() {
        return writers.stream().flatMap(it -> it.labels().stream()).toList();
    }

    /** Labels of all readers. */
    List<String> readerLabels() {
        return readers.stream().flatMap(it -> it.labels().stream()).toList();
    }

    /** Numbers nodes. */
    private static final class Counting {
        private final List<Group> groups = new ArrayList<>();
        private int count;

        void add(HookPoint point, int layer, List<String> labels, Optional<Integer> seen) {
            groups.add(new Group(new HookName(point, layer), labels, count, seen.orElse(count)));
            count += labels.size();
        }
    }
}
