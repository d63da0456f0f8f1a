package org.lens4j.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.lens4j.analysis.parity.Finding;
import org.lens4j.analysis.parity.Parity;
import org.lens4j.analysis.parity.Reference;
import org.lens4j.error.UsageException;
import org.lens4j.hook.Gate;
import org.lens4j.model.HookedModel;
import org.lens4j.model.RunOptions;
import org.lens4j.viz.TextTable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code lens verify}: a model's activations beside those in a file. */
@Command(
        name = "verify",
        description = "Compares every activation in a safetensors file with what the model computes for the file's"
                + " tokens. Ends with 0 if all are equal within the tolerance, with 1 if not.%n")
final class VerifyVerb implements Callable<Integer> {
    private static final List<TextTable.Side> SIDES = List.of(
            TextTable.Side.LEFT,
            TextTable.Side.LEFT,
            TextTable.Side.RIGHT,
            TextTable.Side.RIGHT,
            TextTable.Side.LEFT,
            TextTable.Side.LEFT);

    /** What the group of a model without processing is called. */
    private static final String RAW = "raw";

    /** Names that could not be compared, before the rest is only counted. */
    private static final int MOST_LINES = 20;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before anything is run
    private CommandSpec spec;

    @Mixin
    private ModelWords model = new ModelWords();

    @Option(
            names = "--reference",
            paramLabel = "FILE",
            required = true,
            description = "Holds tokens, logits and activations by hook name, as lens cache writes them.")
    private Path reference = Path.of("");

    @Option(
            names = "--group",
            paramLabel = "NAME",
            description = "Compare the names under NAME/. Without it, of several: processed, or raw with"
                    + " --no-processing.")
    private Optional<String> group = Optional.empty();

    @Option(
            names = "--tolerance",
            paramLabel = "T",
            defaultValue = "" + Parity.TOLERANCE,
            description = "The largest |difference| / (1 + |reference|) that counts as equal; ${DEFAULT-VALUE} if not"
                    + " given.")
    private double tolerance;

    @Mixin
    private GateWords gates = new GateWords();

    VerifyVerb() {}

    @Override
    public Integer call() {
        if (!(tolerance >= 0)) {
            throw new UsageException("--tolerance %s lets nothing be equal. Use 0 or more.".formatted(tolerance));
        }
        RunOptions options = gates.options();
        Reference expected = expected();
        try (HookedModel loaded = model.load()) {
            Parity parity = Parity.of(loaded, expected, options, tolerance);
            print(loaded, expected, parity);
            if (!parity.holds() && !model.noProcessing() && expected.group().startsWith(RAW)) {
                spec.commandLine()
                        .getErr()
                        .printf(
                                "The weights were processed, and the group is called %s. Compare raw weights: --no-processing.%n",
                                expected.group());
            }
            return parity.holds() ? Main.DONE : Main.FAILED;
        }
    }

    /** The group that was named; otherwise, among several, the one that fits the weights. */
    private Reference expected() {
        Optional<String> chosen = group.or(() -> {
            List<String> groups = Reference.groups(reference);
            String fitting = model.noProcessing() ? RAW : "processed";
            if (!model.noProcessing() && groups.contains(RAW) && !groups.contains(fitting) && !groups.contains("")) {
                throw new UsageException(
                        "%s has no run of processed weights; it has %s. Compare raw weights: --no-processing, or name another with --group."
                                .formatted(reference, String.join(", ", groups)));
            }
            return Optional.of(fitting).filter(it -> groups.contains(it) && !groups.contains(""));
        });
        return chosen.map(it -> Reference.open(reference, it)).orElseGet(() -> Reference.open(reference));
    }

    private void print(HookedModel loaded, Reference expected, Parity parity) {
        PrintWriter out = spec.commandLine().getOut();
        out.println(table(parity));
        out.println();
        List<String> unmatched = parity.findings().stream()
                .flatMap(it -> unmatched(loaded, it).stream())
                .toList();
        unmatched.stream().limit(MOST_LINES).forEach(out::println);
        if (unmatched.size() > MOST_LINES) {
            out.printf("… and %d more like these.%n", unmatched.size() - MOST_LINES);
        }
        if (!parity.absent().isEmpty()) {
            out.printf("Not in the file, so not compared: %s%n", some(parity.absent()));
        }
        out.println(verdict(loaded, expected, parity));
    }

    private static String table(Parity parity) {
        TextTable table = new TextTable(SIDES).row("hook", "shape", "max abs", "relative", "where", "");
        for (Finding.Compared compared : parity.compared()) {
            table.row(
                    compared.name(),
                    shape(compared.shape()),
                    number(compared.difference().absolute()),
                    number(compared.difference().relative()),
                    compared.where(),
                    parity.agrees(compared) ? "" : "differs");
        }
        return table.text();
    }

    private static String shape(List<Long> shape) {
        return shape.toString().replace(",", "");
    }

    private static String number(double value) {
        return value == 0 || Double.isInfinite(value)
                ? String.valueOf(value).replace("Infinity", "inf").replace(".0", "")
                : String.format(Locale.ROOT, "%.1e", value);
    }

    /** A line for what could not be compared. */
    private static Optional<String> unmatched(HookedModel loaded, Finding finding) {
        if (finding instanceof Finding.Misshapen wrong) {
            return Optional.of("%s is %s in the file, and %s computes %s."
                    .formatted(wrong.name(), shape(wrong.expected()), loaded.name(), shape(wrong.actual())));
        }
        if (finding instanceof Finding.Off off) {
            return Optional.of("%s is off for this run.%s".formatted(off.name(), turnOn(off.gate())));
        }
        if (finding instanceof Finding.Unknown unknown) {
            return Optional.of("%s has no %s. Closest: %s."
                    .formatted(loaded.name(), unknown.name(), String.join(", ", unknown.closest())));
        }
        return Optional.empty();
    }

    private static String turnOn(Gate gate) {
        return GateWords.word(gate).map(it -> " Add " + it + ".").orElse("");
    }

    private static String some(List<String> names) {
        int shown = 3;
        String first = String.join(", ", names.subList(0, Math.min(shown, names.size())));
        return names.size() <= shown ? first : "%s and %d more".formatted(first, names.size() - shown);
    }

    private static String verdict(HookedModel loaded, Reference expected, Parity parity) {
        String of = "%s%s".formatted(expected.path(), expected.group().isEmpty() ? "" : ", group " + expected.group());
        String worst = parity.worst()
                .map(it -> it.difference().relative() == 0
                        ? "to the last bit"
                        : "worst %s by %s"
                                .formatted(it.name(), number(it.difference().relative())))
                .orElse("nothing was compared");
        int compared = parity.compared().size();
        int wrong = parity.disagreements().size();
        return wrong == 0
                ? "%s equals %s: %d tensors within %s, %s."
                        .formatted(loaded.name(), of, compared, number(parity.tolerance()), worst)
                : "%s DIFFERS from %s: %d of %d tensors are not within %s, the first %s; %s."
                        .formatted(
                                loaded.name(),
                                of,
                                wrong,
                                parity.findings().size(),
                                number(parity.tolerance()),
                                parity.disagreements().get(0).name(),
                                worst);
    }
}
