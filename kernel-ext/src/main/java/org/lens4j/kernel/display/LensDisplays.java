package org.lens4j.kernel.display;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.internal.chartpart.Chart;
import org.lens4j.analysis.Grid;
import org.lens4j.analysis.logits.LogitLens;
import org.lens4j.analysis.logits.NextTokens;
import org.lens4j.cache.ActivationCache;
import org.lens4j.config.ModelConfig;
import org.lens4j.hook.HookCatalogue;
import org.lens4j.hook.HookName;
import org.lens4j.load.LoadReport;
import org.lens4j.model.HookedModel;
import org.lens4j.text.TokenLabels;
import org.lens4j.text.Tokens;
import org.lens4j.viz.GridView;
import org.lens4j.viz.LogitLensView;
import org.lens4j.viz.PredictionView;
import org.lens4j.viz.Rendering;
import org.lens4j.viz.TableView;
import org.lens4j.viz.TreeView;
import org.lens4j.weights.Parameters;
import tech.tablesaw.api.IntColumn;
import tech.tablesaw.api.StringColumn;
import tech.tablesaw.api.Table;

/** How the library's own types and those of its chart and table libraries look in a notebook. */
public final class LensDisplays {
    /** Most numbers of a tensor that are shown. */
    private static final int VALUES_SHOWN = 8;

    /** A longer table is not read from top to bottom. */
    private static final int ROWS_READ = 24;

    private LensDisplays() {}

    /** The usual displays and ours. */
    public static Displays standard() {
        return SessionDisplays.on(AnalysisDisplays.on(WritingDisplays.on(Displays.standard())))
                .with(Grid.class, it -> Renderings.bundle(GridView.of(it)))
                .with(LogitLens.class, it -> Renderings.bundle(LogitLensView.of(it)))
                .with(NextTokens.class, it -> Renderings.bundle(PredictionView.of(it)))
                .with(Rendering.class, Renderings::bundle)
                .with(Table.class, it -> Renderings.bundle(TableView.of(it)))
                .with(Tokens.class, LensDisplays::tokens)
                .with(List.class, it -> list(it))
                .with(ActivationCache.class, LensDisplays::cache)
                .with(HookedModel.class, LensDisplays::model)
                .with(ModelConfig.class, it -> MimeBundle.text(config(it)))
                .with(LoadReport.class, it -> MimeBundle.text(it.full()))
                .with(NDArray.class, it -> MimeBundle.text(tensor(it)))
                .with(Chart.class, it -> chart(it));
    }

    /** The tokens that are fed, one row each. */
    public static MimeBundle tokens(Tokens tokens) {
        return Renderings.bundle(TableView.of(table(tokens)));
    }

    static Table table(Tokens tokens) {
        IntColumn sequence = IntColumn.create("sequence");
        IntColumn pos = IntColumn.create("pos");
        IntColumn id = IntColumn.create("token_id");
        StringColumn token = StringColumn.create("token");
        for (int row = 0; row < tokens.batch(); row++) {
            List<String> strings = tokens.strings(row);
            for (int i = 0; i < strings.size(); i++) {
                sequence.append(row);
                pos.append(i);
                id.append(tokens.ids(row).get(i).intValue());
                token.append(TokenLabels.visible(strings.get(i)));
            }
        }
        Table table = Table.create("Tokens as the model is fed them", pos, id, token);
        if (tokens.batch() > 1) {
            table.insertColumn(0, sequence);
        }
        return table;
    }

    /** What a cache holds: a table of a few activations, a tree of many. */
    public static MimeBundle cache(ActivationCache cache) {
        String spilled = cache.spilledBytes() > 0
                ? " in memory, %s in a temporary file".formatted(Bytes.readable(cache.spilledBytes()))
                : "";
        String title = "Cached activations, " + Bytes.readable(cache.bytes()) + spilled;
        List<TreeView.Leaf> leaves = cache.names().stream()
                .map(name -> leaf(name, cache.shape(name), cache.storedBytes(name)))
                .toList();
        return Renderings.bundle(
                leaves.size() > ROWS_READ ? TreeView.of(title, leaves) : TableView.of(activations(title, leaves)));
    }

    private static Table activations(String title, List<TreeView.Leaf> leaves) {
        StringColumn name = StringColumn.create("hook_point");
        StringColumn shape = StringColumn.create("shape");
        StringColumn size = StringColumn.create("memory");
        leaves.forEach(leaf -> {
            name.append(leaf.name());
            shape.append(leaf.detail());
            size.append(Bytes.readable(leaf.bytes()));
        });
        return Table.create(title, name, shape, size);
    }

    /** A list of hook points as a table; any other as its text. */
    private static MimeBundle list(List<?> list) {
        if (list.isEmpty() || !list.stream().allMatch(HookName.class::isInstance)) {
            return MimeBundle.text(String.valueOf(list));
        }
        return Renderings.bundle(
                TableView.of(table(list.stream().map(HookName.class::cast).toList())));
    }

    static Table table(List<HookName> hooks) {
        StringColumn name = StringColumn.create("hook_point");
        StringColumn axes = StringColumn.create("axes");
        for (HookName each : hooks) {
            name.append(each.full());
            axes.append(each.point().axes().toString());
        }
        return Table.create("Hook points", name, axes);
    }

    /** Hook points with their axes, and with sizes where a run's are known. */
    public static MimeBundle hooks(Collection<HookName> hooks, HookCatalogue catalogue, int pos, String title) {
        StringColumn name = StringColumn.create("hook_point");
        StringColumn shape = StringColumn.create("shape");
        StringColumn switchedOnBy = StringColumn.create("switch");
        for (HookName each : hooks) {
            name.append(each.full());
            shape.append(each.point().axes().describe(catalogue.shape(each, 1, pos)));
            switchedOnBy.append(
                    each.point().gate().map(it -> it.option() + "()").orElse(""));
        }
        Table table = Table.create(title, name, shape);
        if (hooks.stream().anyMatch(it -> it.point().gate().isPresent())) {
            table.addColumns(switchedOnBy);
        }
        return Renderings.bundle(TableView.of(table));
    }

    /** A tensor's type, shape and first numbers. */
    static String tensor(NDArray tensor) {
        if (tensor.isReleased()) {
            return "A tensor that was freed with its owner. Run the cell that made it again.";
        }
        String head = "%s %s"
                .formatted(
                        tensor.getDataType(), Arrays.toString(tensor.getShape().getShape()));
        if (tensor.size() == 0) {
            return head;
        }
        try (NDArray flat = tensor.flatten();
                NDArray first = flat.get("0:" + Math.min(VALUES_SHOWN, tensor.size()))) {
            String values = Arrays.stream(first.toArray())
                    .map(it -> it instanceof Float number ? "%.4g".formatted(number) : it.toString())
                    .collect(java.util.stream.Collectors.joining(", "));
            return "%s [%s%s]".formatted(head, values, tensor.size() > VALUES_SHOWN ? ", …" : "");
        }
    }

    private static MimeBundle chart(Chart<?, ?> chart) {
        String text = "[chart: %s, %d × %d pixels]".formatted(chart.getTitle(), chart.getWidth(), chart.getHeight());
        return MimeBundle.text(text).withPng(Displays.png(BitmapEncoder.getBufferedImage(chart)));
    }

    /** A model's shape, one row for each field, and its parameters as a tree. */
    public static MimeBundle model(HookedModel model) {
        Parameters parameters = model.parameters();
        List<TreeView.Leaf> leaves = parameters.names().stream()
                .map(name -> leaf(
                        name,
                        parameters.shape(name),
                        Float.BYTES * parameters.shape(name).size()))
                .toList();
        return Renderings.together(TableView.of(card(model)), TreeView.of("Parameters", leaves));
    }

    private static TreeView.Leaf leaf(String name, Shape shape, long bytes) {
        return new TreeView.Leaf(name, Arrays.toString(shape.getShape()), bytes);
    }

    private static String config(ModelConfig config) {
        return Fields.text(RecordTree.of(config).getAsJsonObject(), "sizes");
    }

    /** How a model was loaded, in three lines. */
    public static MimeBundle summary(LoadReport report) {
        return MimeBundle.text(report.summary());
    }

    private static Table card(HookedModel model) {
        ModelConfig config = model.config();
        Table card = Table.create(model.name(), StringColumn.create("field"), StringColumn.create("value"));
        row(card, "architecture", config.family());
        row(card, "layers", Integer.toString(config.nLayers()));
        row(card, "heads in each layer", "%d of width %d".formatted(config.nHeads(), config.dHead()));
        row(card, "residual stream (d_model)", Integer.toString(config.dModel()));
        row(card, "neurons in each MLP (d_mlp)", Integer.toString(config.dMlp()));
        row(card, "vocabulary (d_vocab)", Integer.toString(config.dVocab()));
        row(card, "context (n_ctx)", config.nCtx() + " tokens");
        row(card, "parameters", "%,d".formatted(model.parameters().count()));
        return card;
    }

    private static void row(Table card, String field, String value) {
        card.stringColumn(0).append(field);
        card.stringColumn(1).append(value);
    }
}
