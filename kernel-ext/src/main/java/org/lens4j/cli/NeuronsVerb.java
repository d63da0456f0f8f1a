package org.lens4j.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import java.util.function.ToDoubleFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.lens4j.analysis.Axis;
import org.lens4j.analysis.Grid;
import org.lens4j.analysis.circuits.NeuronActivations;
import org.lens4j.analysis.circuits.NeuronExamples;
import org.lens4j.error.RangeException;
import org.lens4j.error.UsageException;
import org.lens4j.kernel.display.ProgressBar;
import org.lens4j.kernel.display.ToldTexts;
import org.lens4j.model.HookedModel;
import org.lens4j.model.HookedTransformer;
import org.lens4j.viz.GridText;
import org.lens4j.viz.NeuronView;
import org.lens4j.viz.TokenView;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code lens neurons}: what neurons do on a text, or which texts of a file move them. */
@Command(
        name = "neurons",
        description =
                "Says how active neurons are on each token of a text, or which places of a file of texts move them"
                        + " most.%n")
final class NeuronsVerb implements Callable<Integer> {
    private static final Pattern PLACE = Pattern.compile("(\\d{1,9})(?:\\.(\\d{1,9}))?");

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before anything is run
    private CommandSpec spec;

    @Mixin
    private ModelWords model = new ModelWords();

    @Parameters(
            index = "1..*",
            arity = "1..*",
            paramLabel = "LAYER[.NEURON]",
            description = "Neurons such as 1.37, counted from 0; or one layer, whose most active are taken.")
    private List<String> places = List.of();

    @ArgGroup(multiplicity = "0..1")
    private TokenWords tokens = new TokenWords();

    @Option(
            names = "--texts",
            paramLabel = "FILE",
            description = "Look for the places that move them in a file with a text on each line.")
    private Optional<Path> texts = Optional.empty();

    @Option(
            names = {"-k", "--top"},
            paramLabel = "N",
            description = "Of a layer the N most active; of texts N places for each neuron; "
                    + NeuronExamples.USUAL_PLACES + " if not given.")
    private Optional<Integer> top = Optional.empty();

    @Option(
            names = "--context",
            paramLabel = "N",
            description = "Tokens shown on each side of a place; " + NeuronExamples.USUAL_CONTEXT + " if not given.")
    private Optional<Integer> context = Optional.empty();

    @Mixin
    private GridWords output = new GridWords();

    NeuronsVerb() {}

    @Override
    public Integer call() {
        output.check(model);
        List<Matcher> read = places.stream().map(NeuronsVerb::place).toList();
        List<NeuronExamples.Neuron> neurons = read.stream()
                .filter(it -> it.group(2) != null)
                .map(it -> new NeuronExamples.Neuron(Integer.parseInt(it.group(1)), Integer.parseInt(it.group(2))))
                .toList();
        check(neurons);
        List<String> lines = texts.map(NeuronsVerb::lines).orElse(List.of());
        try (HookedModel loaded = model.load()) {
            HookedTransformer decoder = ModelWords.decoder(loaded, "neurons");
            if (texts.isPresent()) {
                return examples(decoder, neurons, lines);
            }
            Grid grid = neurons.isEmpty()
                    ? NeuronActivations.strongest(
                            decoder,
                            tokens.of(decoder),
                            Integer.parseInt(read.get(0).group(1)),
                            count())
                    : NeuronActivations.of(decoder, tokens.of(decoder), neurons.toArray(NeuronExamples.Neuron[]::new));
            output.write(spec.commandLine(), TokenView.of(grid), List.of(), grid);
        }
        return Main.DONE;
    }

    private static Matcher place(String word) {
        Matcher place = PLACE.matcher(word);
        if (!place.matches()) {
            throw new UsageException(
                    "\"%s\" is no neuron. Write LAYER.NEURON, such as 1.37, or one LAYER.".formatted(word));
        }
        return place;
    }

    private void check(List<NeuronExamples.Neuron> neurons) {
        boolean layer = neurons.isEmpty() && places.size() == 1;
        if (!layer && neurons.size() < places.size()) {
            throw new UsageException(
                    "lens neurons takes one layer alone, or neurons of any layer as LAYER.NEURON, not %s."
                            .formatted(String.join(" ", places)));
        }
        if (count() < 1 || context.filter(it -> it < 0).isPresent()) {
            throw new RangeException("--top %d and --context %d: at least 1 place and 0 tokens around it can be shown."
                    .formatted(count(), context.orElse(NeuronExamples.USUAL_CONTEXT)));
        }
        if (texts.isEmpty()) {
            if (!tokens.isGiven()) {
                throw new UsageException(
                        "Say what the neurons are to be looked at on: --text 'When Mary', or --tokens '464 3290'; or --texts FILE for the places of many texts that move them most.");
            }
            tokens.check();
            if (context.isPresent()) {
                throw new UsageException("--context is for --texts. Leave it out, or name a file.");
            }
            return;
        }
        if (tokens.isGiven()) {
            throw new UsageException(
                    "--texts brings its own texts, and --text or --tokens one. Leave one of the two out.");
        }
        if (layer) {
            throw new UsageException(
                    "--texts needs to know which neurons to follow: %1$s.37, or the most active of lens neurons … %1$s --text TEXT."
                            .formatted(places.get(0)));
        }
    }

    private int count() {
        return top.orElse(NeuronExamples.USUAL_PLACES);
    }

    private static List<String> lines(Path file) {
        if (Files.isDirectory(file)) {
            throw new UsageException(
                    "--texts %s is a folder. Name a file in it with a text on each line.".formatted(file));
        }
        if (!Files.isRegularFile(file)) {
            throw new UsageException("--texts found no file %s. Give a file with a text on each line.".formatted(file));
        }
        try {
            List<String> lines = Files.readAllLines(file);
            if (lines.stream().allMatch(String::isBlank)) {
                throw new UsageException(
                        "--texts found no texts in %s. Give a file with a text on each line.".formatted(file));
            }
            return lines;
        } catch (IOException e) {
            throw new UsageException("--texts cannot read %s as UTF-8 text: %s. Give a file with a text on each line."
                    .formatted(file, e.getMessage()));
        }
    }

    private int examples(HookedTransformer decoder, List<NeuronExamples.Neuron> neurons, List<String> lines) {
        // Written before the end, because the program that was asked to stop ends with it.
        try (CleanEnd end = CleanEnd.begin(spec.commandLine().getErr(), "The search was cut off, and is lost.");
                ProgressBar bar = ProgressBar.of(
                        "texts",
                        OptionalLong.of(lines.size()),
                        "",
                        Downloading.canvas(spec.commandLine().getErr()))) {
            ToldTexts told = new ToldTexts(lines, read -> bar.at(read, OptionalLong.of(lines.size())), end::stops);
            List<NeuronExamples> found = NeuronExamples.ofTexts(
                    decoder, told, neurons, count(), context.orElse(NeuronExamples.USUAL_CONTEXT));
            write(found, told.notes());
            return told.isComplete() ? Main.DONE : Main.FAILED;
        }
    }

    private void write(List<NeuronExamples> found, List<String> notes) {
        List<String> around = each(found).stream()
                .map(it -> it.map(NeuronExamples.Place::line).orElse(""))
                .toList();
        output.write(
                spec.commandLine(),
                NeuronView.of(found),
                new GridWords.Told(notes, Optional.of(new GridText.Words("context", around))),
                grid(found, "activation", "activation", NeuronExamples.Place::activation),
                grid(found, "text", "number from 0", NeuronExamples.Place::text),
                grid(found, "position", "number from 0", NeuronExamples.Place::pos));
    }

    /** The places of each neuron, as many as the neuron with most has: {@code [neuron place]}, row by row. */
    private static List<Optional<NeuronExamples.Place>> each(List<NeuronExamples> found) {
        int most = most(found);
        List<Optional<NeuronExamples.Place>> all = new ArrayList<>();
        for (NeuronExamples one : found) {
            for (int i = 0; i < most; i++) {
                all.add(i < one.places().size() ? Optional.of(one.places().get(i)) : Optional.empty());
            }
        }
        return all;
    }

    private static int most(List<NeuronExamples> found) {
        return found.stream().mapToInt(it -> it.places().size()).max().orElse(0);
    }

    private static Grid grid(
            List<NeuronExamples> found, String title, String unit, ToDoubleFunction<NeuronExamples.Place> number) {
        List<Optional<NeuronExamples.Place>> all = each(found);
        float[] values = new float[all.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = all.get(i).map(it -> (float) number.applyAsDouble(it)).orElse(Float.NaN);
        }
        Axis neurons =
                new Axis("neuron", found.stream().map(it -> it.neuron().label()).toList());
        return new Grid(title, unit, List.of(neurons, Axis.counted("place", most(found))), values);
    }
}
