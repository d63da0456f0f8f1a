package org.lens4j.analysis.residual;

import ai.djl.ndarray.NDArray;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.lens4j.hook.HookName;
import org.lens4j.hook.HookPoint;
import org.lens4j.tensor.Scope;

/**
 * What parts of a model do along each prompt's direction, at each prompt's position.
 *
 * @param sources at the positions that any prompt answers at
 * @param ln the last norm, with its gain
 * @param directions {@code [batch d_model 1]}
 * @param picked for each prompt which of the sources' positions is its own
 * @param offsets for each prompt what belongs to no part
 * @param scope owns what is made on the way
 */
record AttributionParts(
        Sources sources, LinearNorm ln, NDArray directions, List<Integer> picked, List<Float> offsets, Scope scope) {
    /** What the attentions' biases write. */
    private static final String ATTN_BIAS = "attn_bias";

    /** Numbers {@code [component batch pos k]}. */
    private static final class Column {
        private final float[] values;
        private final int batch;
        private final int pos;
        private final int k;

        Column(float[] values, int batch, int pos, int k) {
            this.values = values;
            this.batch = batch;
            this.pos = pos;
            this.k = k;
        }

        float at(int component, int row, int place, int i) {
            return values[((component * batch + row) * pos + place) * k + i];
        }

        int components() {
            return values.length / (batch * pos * k);
        }
    }

    /** The numbers of each prompt, one prompt after the other. */
    float[] of(LogitAttribution.By by) {
        return switch (by) {
            case LAYER -> rows(column(Decomposition.PARTS), true);
            case COMPONENT -> rows(column(Decomposition.FULL), true);
            case HEAD -> rows(column(Decomposition.HEADS), false);
            case NEURON -> rows(column(Decomposition.NEURONS), false);
            case POS -> byPosition();
        };
    }

    /** The whole of each prompt. */
    List<Float> totals() {
        int last = sources.config().nLayers() - 1;
        Column total = column(List.of(sources.whole(new HookName(HookPoint.RESID_POST, last), "")));
        return IntStream.range(0, offsets.size())
                .mapToObj(row -> total.at(0, row, picked.get(row), 0) + offsets.get(row))
                .toList();
    }

    /** The components of a list, and what belongs to none. */
    List<String> labels(Decomposition by) {
        List<String> labels = new ArrayList<>();
        SourceList.of(by, StackOptions.defaults(), sources).forEach(it -> labels.addAll(it.labels()));
        labels.add(LogitAttribution.UNEMBED_BIAS);
        return labels;
    }

    /** The components that are divided by position. */
    List<String> labelsByPosition() {
        List<String> labels = labels(Decomposition.PARTS);
        labels.add(labels.size() - 1, ATTN_BIAS);
        return labels;
    }

    private Column column(Decomposition by) {
        return column(SourceList.of(by, StackOptions.defaults(), sources));
    }

    private Column column(List<Source> chosen) {
        float[] values = ResidualStream.along(chosen, ln, directions, scope).toFloatArray();
        return new Column(values, offsets.size(), sources.taken().length, 1);
    }

    private float[] rows(Column column, boolean offset) {
        int width = column.components() + (offset ? 1 : 0);
        float[] rows = new float[offsets.size() * width];
        for (int row = 0; row < offsets.size(); row++) {
            for (int component = 0; component < column.components(); component++) {
                rows[row * width + component] = column.at(component, row, picked.get(row), 0);
            }
            if (offset) {
                rows[(row + 1) * width - 1] = offsets.get(row);
            }
        }
        return rows;
    }

    /** {@code [prompt component pos]}: a layer's attention is spread over where it looked, all else stands at the answer. */
    private float[] byPosition() {
        List<String> labels = labelsByPosition();
        int pos = sources.cache().tokens().pos();
        float[] grid = new float[offsets.size() * labels.size() * pos];
        Arrays.fill(grid, Float.NaN);
        Column parts = column(Decomposition.PARTS);
        Column bias = column(List.of(sources.biases(sources.config().nLayers(), 0)));
        for (int component = 0; component < labels.size(); component++) {
            String label = labels.get(component);
            boolean attention = label.endsWith("_attn_out");
            Column spread = attention ? spread(Integer.parseInt(label.replace("_attn_out", ""))) : bias;
            for (int row = 0; row < offsets.size(); row++) {
                int start = (row * labels.size() + component) * pos;
                int own = sources.taken()[picked.get(row)];
                if (attention) {
                    int seen = sources.config().attention().causal() ? own + 1 : pos;
                    for (int source = 0; source < seen; source++) {
                        grid[start + source] = spread.at(0, row, picked.get(row), source);
                    }
                } else if (label.equals(ATTN_BIAS)) {
                    grid[start + own] = bias.at(0, row, picked.get(row), 0);
                } else if (label.equals(LogitAttribution.UNEMBED_BIAS)) {
                    grid[start + own] = offsets.get(row);
                } else {
                    grid[start + own] = parts.at(component, row, picked.get(row), 0);
                }
            }
        }
        return grid;
    }

    /** What the heads of a layer bring together, from each position they look at. */
    private Column spread(int layer) {
        try (Scope inside = new Scope(scope)) {
            NDArray heads = sources.fromPositions(layer, ln.before(inside.alias(directions)), inside);
            float[] values = ln.divided(heads.sum(new int[] {0}, true)).toFloatArray();
            return new Column(
                    values,
                    offsets.size(),
                    sources.taken().length,
                    sources.cache().tokens().pos());
        }
    }
}
