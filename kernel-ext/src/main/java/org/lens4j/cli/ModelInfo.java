package org.lens4j.cli;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.lens4j.cache.CachePlan;
import org.lens4j.config.ModelConfig;
import org.lens4j.hook.Gate;
import org.lens4j.hook.HookCatalogue;
import org.lens4j.hook.HookName;
import org.lens4j.hook.HookPoint;
import org.lens4j.kernel.display.Bytes;
import org.lens4j.kernel.display.Fields;
import org.lens4j.kernel.display.RecordTree;
import org.lens4j.load.Pretrained;
import org.lens4j.model.HookedModel;
import org.lens4j.tensor.Axes;
import org.lens4j.viz.TextTable;

/**
 * What {@code lens info} says of a model.
 *
 * @param loaded the model and how it was loaded
 * @param tokens how long a text sizes are for
 */
record ModelInfo(Pretrained loaded, int tokens) {
    private static final List<String> ALL = List.of("*");

    private HookedModel model() {
        return loaded.hooked();
    }

    /** All hook points, those that are off too, each as it is when it is asked for alone. */
    private List<CachePlan.Planned> everything() {
        HookCatalogue hooks = model().hooks();
        return hooks.all().stream()
                .flatMap(it -> CachePlan.of(hooks, List.of(it.full()), gates(it), 1, tokens).activations().stream())
                .toList();
    }

    private static Set<Gate> gates(HookName name) {
        return name.point().gate().map(Set::of).orElseGet(Set::of);
    }

    /** Those that fire by themselves. */
    private CachePlan usual() {
        return CachePlan.of(model().hooks(), ALL, Set.of(), 1, tokens);
    }

    private long weightBytes() {
        return model().parameters().count() * Float.BYTES;
    }

    private long logitBytes() {
        return (long) model().config().dVocabOut() * Float.BYTES;
    }

    /** The form for machines. */
    JsonObject json() {
        JsonObject info = new JsonObject();
        info.addProperty("name", model().name());
        info.add("config", configJson());
        info.addProperty("parameters", model().parameters().count());
        JsonObject memory = new JsonObject();
        memory.addProperty("weight_bytes", weightBytes());
        memory.addProperty("tokens", tokens);
        memory.addProperty("cache_bytes", usual().bytes());
        memory.addProperty("cache_bytes_per_token", usual().bytesPerToken());
        memory.addProperty("logit_bytes_per_token", logitBytes());
        info.add("memory", memory);
        JsonArray hooks = new JsonArray();
        everything().forEach(it -> hooks.add(hook(it)));
        info.add("hooks", hooks);
        info.add("report", JsonParser.parseString(loaded.report().toJson()));
        return info;
    }

    /** The fields everybody asks for under TransformerLens's names, then the whole as it is built. */
    private JsonObject configJson() {
        ModelConfig config = model().config();
        JsonObject json = new JsonObject();
        json.addProperty("original_architecture", config.family());
        json.addProperty("n_layers", config.nLayers());
        json.addProperty("d_model", config.dModel());
        json.addProperty("n_heads", config.nHeads());
        json.addProperty("n_key_value_heads", config.nKvHeads());
        json.addProperty("d_head", config.dHead());
        json.addProperty("d_mlp", config.dMlp());
        json.addProperty("d_vocab", config.dVocab());
        json.addProperty("d_vocab_out", config.dVocabOut());
        json.addProperty("n_ctx", config.nCtx());
        json.addProperty("eps", config.eps());
        json.add("parts", RecordTree.of(config));
        return json;
    }

    private JsonObject hook(CachePlan.Planned planned) {
        JsonObject hook = new JsonObject();
        HookPoint point = planned.name().point();
        hook.addProperty("name", planned.name().full());
        hook.add("axes", RecordTree.of(axes(planned.name()).names()));
        hook.add(
                "shape",
                RecordTree.of(LongStream.of(planned.shape().getShape()).boxed().toList()));
        hook.addProperty("bytes", planned.bytes());
        hook.add(
                "switch",
                point.gate()
                        .<JsonElement>map(it -> new JsonPrimitive(it.name().toLowerCase(Locale.ROOT)))
                        .orElse(JsonNull.INSTANCE));
        return hook;
    }

    private Axes axes(HookName name) {
        return model().hooks().axes(name, gates(name));
    }

    /** The form for people: one screen for a small model. */
    String text() {
        return String.join("\n\n", List.of(model().name(), indented(config()), hooks(), memory(), report()));
    }

    private String config() {
        JsonObject fields = RecordTree.of(model().config()).getAsJsonObject();
        return Fields.text(
                fields,
                "sizes",
                "parameters",
                "%,d".formatted(model().parameters().count()));
    }

    private String hooks() {
        List<CachePlan.Planned> everything = everything();
        TextTable table = new TextTable(
                List.of(TextTable.Side.LEFT, TextTable.Side.LEFT, TextTable.Side.RIGHT, TextTable.Side.LEFT));
        for (CachePlan.Planned planned : everything) {
            HookName name = planned.name();
            if (name.layer() <= 0 && name.expert() <= 0) {
                table.row(
                        name.full(),
                        axes(name).describe(planned.shape()),
                        Bytes.readable(planned.bytes()),
                        name.point().gate().map(ModelInfo::off).orElse(""));
            }
        }
        return "%d hook points, sizes for %d tokens; those of block 0 stand for those of all %d blocks%n%s"
                .formatted(everything.size(), tokens, model().config().nLayers(), indented(table.text()));
    }

    private static String off(Gate gate) {
        return GateWords.word(gate).map(it -> "off without " + it).orElse("off");
    }

    private String memory() {
        TextTable table = TextTable.of(2, TextTable.Side.LEFT);
        table.row("weights", Bytes.readable(weightBytes()));
        table.row(
                "full cache",
                "%s for %d tokens, %s for each"
                        .formatted(Bytes.readable(usual().bytes()), tokens, Bytes.readable(usual().bytesPerToken())));
        table.row("logits", "%s for each token".formatted(Bytes.readable(logitBytes())));
        return "memory\n" + indented(table.text());
    }

    private String report() {
        return "loading\n" + indented(loaded.report().full());
    }

    private static String indented(String text) {
        return text.lines().map(it -> "  " + it).collect(Collectors.joining("\n"));
    }
}
