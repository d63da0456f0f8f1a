package org.lens4j.kernel.magic;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.lens4j.error.StateException;
import org.lens4j.error.UsageException;
import org.lens4j.harvest.HarvestRows;
import org.lens4j.kernel.display.MimeBundle;
import org.lens4j.kernel.display.Renderings;
import org.lens4j.kernel.session.LensSession;
import org.lens4j.train.DemoModel;
import org.lens4j.train.TrainListener;
import org.lens4j.train.TrainProgress;
import org.lens4j.train.features.SaeTraining;
import org.lens4j.train.features.Sparsity;
import org.lens4j.train.lens.TunedLens;
import org.lens4j.train.lens.TunedLensTraining;
import org.lens4j.viz.CurvesView;

/** {@code %train demo|lens|sae}: trains the embedded model anew, a tuned lens, or a sparse autoencoder. */
final class TrainMagic implements Command {
    private static final List<String> KINDS = List.of("demo", "lens", "sae");
    private static final Option OUT = Option.value("DIR", "demo: the folder to write the model into", "--out")
            .offering(Offer.Known.FILES);
    private static final Option TEXTS = Option.value(
                    "FILE|$TEXTS", "lens: what it reads, a text on each line or in a list", "--texts")
            .offering(Offer.Known.FILES);
    private static final Option ROWS =
            Option.value("DIR", "sae: the folder of a %harvest", "--rows").offering(Offer.Known.FILES);
    private static final Option HOOK =
            Option.value("NAME", "sae: the hook point of its rows", "--hook").offering(Offer.Known.HOOKS);
    private static final Option FEATURES = Option.value("N", "sae: how many are learnt", "--features");
    private static final Option TOP_K = Option.value("K", "sae: at most K features for each token (8)", "--top-k");
    private static final Usage USAGE = Usage.of(
                    "train",
                    "demo|lens|sae",
                    "Trains the embedded model anew, a tuned lens, or a sparse autoencoder on a harvest. Shows the loss of each step; stopped, it keeps what it learnt.")
            .example("%train lens --texts corpus.txt --steps 100 -o tuned")
            .offering(new Offer.OneOf(KINDS))
            .with(OUT, TEXTS, ROWS, HOOK, FEATURES, TOP_K)
            .with(TrainFlags.ALL);
    private static final List<Option> OF_DEMO = List.of(OUT);
    private static final List<Option> OF_LENS =
            Stream.concat(Stream.of(TEXTS), TrainFlags.OF_OTHERS.stream()).toList();
    private static final List<Option> OF_SAE = Stream.concat(
                    Stream.of(ROWS, HOOK, FEATURES, TOP_K), TrainFlags.OF_OTHERS.stream())
            .toList();

    private final LensSession lens;

    TrainMagic(LensSession lens) {
        this.lens = lens;
    }

    @Override
    public Usage usage() {
        return USAGE;
    }

    private static String kind(Arguments arguments) {
        List<String> words = arguments.texts();
        if (words.size() != 1 || !KINDS.contains(words.get(0))) {
            throw new UsageException("%%train takes one of %s, and was given %s."
                    .formatted(String.join(", ", KINDS), arguments.words()));
        }
        String kind = words.get(0);
        List<Option> own = kind.equals("demo") ? OF_DEMO : kind.equals("lens") ? OF_LENS : OF_SAE;
        Stream.of(OF_DEMO, OF_LENS, OF_SAE)
                .flatMap(List::stream)
                .filter(it -> arguments.has(it) && !own.contains(it))
                .findFirst()
                .ifPresent(it -> {
                    throw new UsageException("%%train %s has no use for %s. Leave it out. See %%train --help."
                            .formatted(kind, it.names().get(0)));
                });
        return kind;
    }

    private static Word needed(Arguments arguments, Option option) {
        return arguments
                .value(option)
                .orElseThrow(() -> new UsageException("%%train %s needs %s. See %%train --help."
                        .formatted(arguments.texts().get(0), option.written())));
    }

    private static Sparsity sparsity(Arguments arguments) {
        return new Sparsity.TopK(arguments.integer(TOP_K, 8));
    }

    @Override
    public String java(Arguments arguments) {
        return switch (kind(arguments)) {
            case "demo" ->
                "DemoModel.train(Path.of(%s), %s, it -> {})"
                        .formatted(needed(arguments, OUT).java(), TrainFlags.javaOfDemo(arguments));
            case "lens" -> {
                Word texts = needed(arguments, TEXTS);
                String read = TextList.java(texts);
                yield "TunedLensTraining.of(lens.model(), %s).run(%s, it -> {})"
                        .formatted(TrainFlags.java(lens, arguments), read);
            }
            default ->
                "new SaeTraining(HarvestRows.of(Path.of(%s), %s), %s, new Sparsity.TopK(%s), %s).run(it -> {})"
                        .formatted(
                                needed(arguments, ROWS).java(),
                                needed(arguments, HOOK).java(),
                                needed(arguments, FEATURES).javaInteger(),
                                arguments.javaInteger(TOP_K, 8),
                                TrainFlags.java(lens, arguments));
        };
    }

    /** The losses so far, told to a progress bar; a user who wants to stop stops the training's thread. */
    private static final class Told implements TrainListener {
        private final HostWork work;
        private final List<Float> losses = new ArrayList<>();
        private int steps;

        Told(HostWork work) {
            this.work = work;
        }

        @Override
        public void at(TrainProgress progress) {
            losses.add((float) progress.loss());
            steps = progress.steps();
            work.at(progress.step(), progress.steps());
            if (work.host().interrupted()) {
                Thread.currentThread().interrupt();
            }
        }

        MimeBundle shown(String unit) {
            List<String> notes = losses.size() < steps
                    ? List.of("Stopped after %d of %d steps.".formatted(losses.size(), steps))
                    : List.of("%d steps, the last loss %.3f.".formatted(losses.size(), losses.get(losses.size() - 1)));
            return Renderings.noted(CurvesView.ofSteps("Loss", unit, losses), notes);
        }
    }

    @Override
    public MagicResult run(Arguments arguments, Host host) throws IOException {
        String kind = kind(arguments);
        try (HostWork work = HostWork.begin(host, "train " + kind, "")) {
            Told told = new Told(work);
            return switch (kind) {
                case "demo" -> demo(arguments, told);
                case "lens" -> {
                    List<String> texts = TextList.of("train", needed(arguments, TEXTS));
                    TunedLens tuned = TunedLensTraining.of(lens.model(), TrainFlags.config(lens, arguments))
                            .run(texts, told);
                    yield MagicResult.of(tuned, told.shown("nats to the model's own prediction"));
                }
                default -> MagicResult.of(sae(arguments, told), told.shown("share of the rows' variance"));
            };
        }
    }

    private static MagicResult demo(Arguments arguments, Told told) throws IOException {
        Path folder = Path.of(needed(arguments, OUT).text());
        try {
            List<Float> losses = DemoModel.train(folder, TrainFlags.demo(arguments), told);
            return MagicResult.of(losses, told.shown("nats"));
        } catch (StateException e) {
            if (told.losses.isEmpty() || !told.work.host().interrupted()) {
                throw e;
            }
            // An unfinished model is written nowhere; its losses are what is left of it.
            return MagicResult.of(List.copyOf(told.losses), told.shown("nats"));
        }
    }

    private Object sae(Arguments arguments, Told told) throws IOException {
        int features =
                Arguments.wholeNumber("--features", needed(arguments, FEATURES).text());
        HarvestRows rows = HarvestRows.of(
                Path.of(needed(arguments, ROWS).text()), needed(arguments, HOOK).text());
        return new SaeTraining(rows, features, sparsity(arguments), TrainFlags.config(lens, arguments)).run(told);
    }
}
