package org.lens4j.load;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.StringJoiner;
import org.lens4j.hub.FileSize;
import org.lens4j.hub.Origin;

/** A report written out whole. */
final class ReportForms {
    private ReportForms() {}

    static String text(LoadReport report) {
        StringJoiner lines = new StringJoiner(System.lineSeparator());
        lines.add(row("model", "%s, %s".formatted(report.name(), report.family())));
        lines.add(row("from", report.source().text()));
        lines.add(row("directory", report.source().directory().toString()));
        for (WeightFile file : report.source().weights()) {
            lines.add(row("weights", "%s, %s".formatted(file.path().getFileName(), FileSize.of(file.bytes()))));
            lines.add(row("", "sha256 " + file.sha256()));
        }
        LoadReport.Tensors tensors = report.tensors();
        lines.add(row("parameters", String.format(Locale.ROOT, "%,d", report.parameters())));
        lines.add(row("stored as", String.join(", ", tensors.types())));
        lines.add(row("memory", tensors.text()));
        lines.add(row("rewrites", names(report.rewrites().applied(), "none: the weights are as in the file")));
        report.rewrites().skipped().forEach(it -> lines.add(row("skipped", it.toString())));
        lines.add(row("not asked for", names(report.rewrites().off(), "none")));
        lines.add(row("zeros for", names(ofAllLayers(tensors.zeros()), "none")));
        lines.add(row("not parameters", names(ofAllLayers(tensors.ignored()), "none")));
        lines.add(row("self-check", report.checked()));
        lines.add(row("time", String.format(Locale.ROOT, "%.2f s", report.time().toMillis() / 1e3)));
        return lines.toString();
    }

    private static String row(String field, String value) {
        return "%-15s %s".formatted(field, value);
    }

    /** A name that is there for several layers once, with a star for the layer. */
    private static List<String> ofAllLayers(List<String> names) {
        Map<String, List<String>> byTemplate = new LinkedHashMap<>();
        names.forEach(it -> byTemplate
                .computeIfAbsent(it.replaceAll("\\.\\d+\\.", ".*."), template -> new ArrayList<>())
                .add(it));
        return byTemplate.entrySet().stream()
                .map(it -> it.getValue().size() == 1 ? it.getValue().get(0) : it.getKey())
                .toList();
    }

    private static String names(Collection<String> names, String none) {
        return names.isEmpty() ? none : String.join(", ", names);
    }

    static JsonObject json(LoadReport report) {
        JsonObject json = new JsonObject();
        json.addProperty("name", report.name());
        json.add("source", source(report.source()));
        json.addProperty("family", report.family());
        json.addProperty("parameters", report.parameters());
        JsonObject rewrites = new JsonObject();
        rewrites.add("applied", array(report.rewrites().applied()));
        JsonArray skipped = new JsonArray();
        report.rewrites().skipped().forEach(it -> {
            JsonObject one = new JsonObject();
            one.addProperty("pass", it.pass());
            one.addProperty("reason", it.reason());
            skipped.add(one);
        });
        rewrites.add("skipped", skipped);
        rewrites.add("off", array(report.rewrites().off()));
        json.add("rewrites", rewrites);
        JsonObject tensors = new JsonObject();
        tensors.add("types", array(report.tensors().types()));
        tensors.addProperty("mapped_bytes", report.tensors().mapped());
        tensors.addProperty("copied_bytes", report.tensors().copied());
        tensors.add("zeros", array(report.tensors().zeros()));
        tensors.add("ignored", array(report.tensors().ignored()));
        json.add("tensors", tensors);
        report.check().ifPresent(it -> json.add("self_check", check(it)));
        json.addProperty("seconds", report.time().toMillis() / 1e3);
        return json;
    }

    private static JsonObject source(LoadReport.Source source) {
        JsonObject json = new JsonObject();
        json.addProperty("directory", source.directory().toString());
        if (source.origin() instanceof Origin.Snapshot snapshot) {
            json.addProperty("id", snapshot.id().text());
            json.addProperty("revision", snapshot.revision().text());
            json.addProperty("commit", snapshot.commit());
        }
        JsonArray files = new JsonArray();
        for (WeightFile file : source.weights()) {
            JsonObject one = new JsonObject();
            one.addProperty("file", String.valueOf(file.path().getFileName()));
            one.addProperty("bytes", file.bytes());
            one.addProperty("sha256", file.sha256());
            files.add(one);
        }
        json.add("weights", files);
        return json;
    }

    private static JsonObject check(SelfCheck check) {
        JsonObject json = new JsonObject();
        json.addProperty("passed", check.passed());
        JsonArray measurements = new JsonArray();
        for (SelfCheck.Measurement measurement : check.measurements()) {
            JsonObject one = new JsonObject();
            one.addProperty("name", measurement.name());
            // JSON has no NaN.
            one.addProperty("value", Double.isFinite(measurement.value()) ? measurement.value() : Double.MAX_VALUE);
            one.addProperty("tolerance", measurement.tolerance());
            one.addProperty("passed", measurement.passed());
            measurements.add(one);
        }
        json.add("measurements", measurements);
        return json;
    }

    private static JsonArray array(Collection<String> texts) {
        JsonArray array = new JsonArray();
        texts.forEach(array::add);
        return array;
    }
}
