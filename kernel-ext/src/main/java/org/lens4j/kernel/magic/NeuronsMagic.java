package org.lens4j.kernel.magic;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.lens4j.analysis.Grid;
import org.lens4j.analysis.circuits.NeuronActivations;
import org.lens4j.analysis.circuits.NeuronExamples;
import org.lens4j.error.UsageException;
import org.lens4j.kernel.display.Renderings;
import org.lens4j.kernel.display.ToldTexts;
import org.lens4j.kernel.session.LensSession;
import org.lens4j.viz.NeuronView;
import org.lens4j.viz.TokenView;

/** {@code %neurons LAYER[.NEURON]…}: what neurons do on the prompt, or which texts move them. */
final class NeuronsMagic implements Command {
    private static final int USUAL = NeuronExamples.USUAL_PLACES;
    private static final int AROUND = NeuronExamples.USUAL_CONTEXT;
    private static final Option TOP = Option.value(
            "N",
            "of a layer, the N most active; of texts, N places for each neuron (%d)".formatted(USUAL),
            "-k",
            "--top");
    private static final Option TEXTS = Option.value(
                    "FILE|$TEXTS",
                    "looks for the texts that move them, in a file with one on each line or a list",
                    "--texts")
            .offering(Offer.Known.FILES);
    private static final Option CONTEXT =
            Option.value("N", "shows N tokens on each side of such a place (%d)".formatted(AROUND), "--context");
    private static final Usage USAGE = Usage.of(
                    "neurons",
                    "LAYER[.NEURON]…",
                    "Shows the activation of neurons on each token of the prompt. Chosen ones, or the most active of a layer; with --texts, which texts move them.")
            .example("%neurons 1.37 1.40")
            .offering(Offer.Known.LAYERS)
            .with(TOP, TEXTS, CONTEXT)
            .withPrompt();

    private final LensSession lens;

    NeuronsMagic(LensSession lens) {
        this.lens = lens;
    }

    @Override
    public Usage usage() {
        return USAGE;
    }

    private static List<LayerPlace> places(Arguments arguments) {
        if (arguments.words().isEmpty()) {
            throw new UsageException("%neurons needs a layer, or neurons: %neurons 1, or %neurons 1.37 1.40.");
        }
        List<LayerPlace> places = arguments.words().stream()
                .map(it -> LayerPlace.of("neurons", it, "NEURON"))
                .toList();
        boolean layer = places.size() == 1 && places.get(0).part().isEmpty();
        if (!layer && places.stream().anyMatch(it -> it.part().isEmpty())) {
            throw new UsageException("%%neurons takes one layer alone, or neurons of any layer as LAYER.NEURON, not %s."
                    .formatted(arguments.words()));
        }
        if (layer && arguments.has(TEXTS)) {
            throw new UsageException(
                    "%%neurons --texts needs to know which neurons to follow: %%neurons %d.37 --texts corpus.txt."
                            .formatted(places.get(0).layer()));
        }
        if (arguments.has(TOP) && !layer && !arguments.has(TEXTS)) {
            throw new UsageException(
                    "%neurons: -k is for a layer or for --texts; chosen neurons are all shown. Leave it out.");
        }
        if (arguments.has(CONTEXT) && !arguments.has(TEXTS)) {
            throw new UsageException("%neurons: --context is for --texts. Leave it out.");
        }
        if (arguments.has(TEXTS) && arguments.has(Option.PROMPT)) {
            throw new UsageException(
                    "%neurons: --texts brings its own texts, and -p gives one. Leave one of the two out.");
        }
        return places;
    }

    private static boolean isLayer(List<LayerPlace> places) {
        return places.get(0).part().isEmpty();
    }

    @Override
    public String java(Arguments arguments) {
        List<LayerPlace> places = places(arguments);
        String top = arguments.javaInteger(TOP, USUAL);
        String neurons = places.stream()
                .filter(it -> it.part().isPresent())
                .map(it -> "new NeuronExamples.Neuron(%s, %s)"
                        .formatted(
                                it.layerWord().javaInteger(),
                                it.partWord().orElseThrow().javaInteger()))
                .collect(Collectors.joining(", "));
        if (arguments.has(TEXTS)) {
            String list = TextList.java(arguments.value(TEXTS).orElseThrow());
            return "NeuronExamples.ofTexts(lens.model(), %s, List.of(%s), %s, %s)"
                    .formatted(list, neurons, top, arguments.javaInteger(CONTEXT, AROUND));
        }
        return isLayer(places)
                ? "NeuronActivations.strongest(lens.model(), %s, %s, %s)"
                        .formatted(
                                Prompted.java(arguments),
                                places.get(0).layerWord().javaInteger(),
                                top)
                : "NeuronActivations.of(lens.model(), %s, %s)".formatted(Prompted.java(arguments), neurons);
    }

    @Override
    public String view(String value, Arguments arguments) {
        return (arguments.has(TEXTS) ? "NeuronView.of(" : "TokenView.of(") + value + ")";
    }

    @Override
    public MagicResult run(Arguments arguments, Host host) throws IOException {
        List<LayerPlace> places = places(arguments);
        int top = arguments.integer(TOP, USUAL);
        List<NeuronExamples.Neuron> neurons = new ArrayList<>();
        for (LayerPlace place : places) {
            place.part().ifPresent(it -> neurons.add(new NeuronExamples.Neuron(place.layer(), it)));
        }
        if (arguments.has(TEXTS)) {
            List<String> texts =
                    TextList.of(arguments.magic(), arguments.value(TEXTS).orElseThrow());
            return examples(texts, neurons, arguments, host);
        }
        Grid grid = isLayer(places)
                ? NeuronActivations.strongest(
                        lens.model(),
                        Prompted.tokens(lens, arguments),
                        places.get(0).layer(),
                        top)
                : NeuronActivations.of(
                        lens.model(), Prompted.tokens(lens, arguments), neurons.toArray(NeuronExamples.Neuron[]::new));
        return MagicResult.of(grid, Renderings.bundle(TokenView.of(grid)));
    }

    private MagicResult examples(
            List<String> texts, List<NeuronExamples.Neuron> neurons, Arguments arguments, Host host) {
        try (HostWork work = HostWork.begin(host, "texts", "")) {
            ToldTexts told = new ToldTexts(texts, read -> work.at(read, texts.size()), () -> work.host()
                    .interrupted());
            List<NeuronExamples> found = NeuronExamples.ofTexts(
                    lens.model(), told, neurons, arguments.integer(TOP, USUAL), arguments.integer(CONTEXT, AROUND));
            return MagicResult.of(found, Renderings.noted(NeuronView.of(found), told.notes()));
        }
    }
}
