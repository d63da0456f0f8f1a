package org.lens4j.harvest;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import org.lens4j.load.Pretrained;
import org.lens4j.model.ComputeType;

/** Says in JSON what is harvested: from which weights, which corpus and how. */
final class Certificate {
    private Certificate() {}

    /** An index of a harvest that has not begun. */
    static HarvestIndex fresh(
            Pretrained loaded, Corpus corpus, HarvestOptions options, int context, List<HookColumns.HookColumn> hooks)
            throws IOException {
        JsonObject report = JsonParser.parseString(loaded.report().toJson()).getAsJsonObject();
        JsonObject source = report.getAsJsonObject("source");
        JsonObject about = new JsonObject();
        about.addProperty("model", loaded.report().name());
        about.addProperty("family", loaded.report().family());
        about.addProperty("from", loaded.report().source().text());
        about.addProperty("corpus", corpus.file().toString());
        JsonObject model = new JsonObject();
        model.addProperty("config_sha256", sha256(loaded.hooked().config().toString()));
        if (source.has("commit")) {
            model.add("commit", source.get("commit"));
        }
        model.add("weights", source.get("weights"));
        model.add("rewrites", report.getAsJsonObject("rewrites").get("applied"));
        JsonObject sameness = new JsonObject();
        sameness.add("model", model);
        sameness.add("corpus", corpus(corpus));
        sameness.add("hooks", hooks(hooks));
        sameness.add("options", options(options, context));
        return HarvestIndex.fresh(about, sameness);
    }

    private static JsonObject corpus(Corpus corpus) throws IOException {
        JsonObject json = new JsonObject();
        json.addProperty("bytes", corpus.bytes());
        json.addProperty("edges_sha256", corpus.edges());
        corpus.field().ifPresent(it -> json.addProperty("field", it));
        return json;
    }

    private static JsonArray hooks(List<HookColumns.HookColumn> hooks) {
        JsonArray json = new JsonArray();
        for (HookColumns.HookColumn hook : hooks) {
            JsonObject one = new JsonObject();
            one.addProperty("name", hook.name());
            one.addProperty("axes", String.join(" ", hook.axes().names()));
            one.addProperty("width", hook.width());
            json.add(one);
        }
        return json;
    }

    private static JsonObject options(HarvestOptions options, int context) {
        JsonObject json = new JsonObject();
        json.addProperty("dtype", options.precision().pythonName());
        if (options.compute() != ComputeType.FLOAT32) {
            json.addProperty("compute", options.compute().pythonName());
        }
        json.addProperty("context", context);
        json.addProperty("batch", options.batch());
        json.addProperty("window_batches", Contexts.WINDOW);
        json.addProperty("positions", options.positions().toString());
        if (options.positions() instanceof Positions.Sample sample) {
            json.addProperty("seed", sample.seed());
        }
        json.addProperty("special", options.special());
        options.limit().ifPresent(it -> json.addProperty("limit", it));
        json.addProperty("shard_rows", options.shardRows());
        JsonArray gates = new JsonArray();
        options.gates().stream().sorted().forEach(it -> gates.add(it.name()));
        json.add("gates", gates);
        return json;
    }

    private static String sha256(String text) {
        try {
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java has SHA-256; this one says otherwise.", e);
        }
    }
}
