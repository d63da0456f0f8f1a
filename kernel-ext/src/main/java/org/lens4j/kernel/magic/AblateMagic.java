package org.lens4j.kernel.magic;

import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.lens4j.analysis.patching.Ablation;
import org.lens4j.analysis.patching.MetricKind;
import org.lens4j.analysis.patching.PatchMetric;
import org.lens4j.analysis.patching.PatchResult;
import org.lens4j.analysis.patching.PatchSite;
import org.lens4j.error.UsageException;
import org.lens4j.kernel.session.LensSession;
import org.lens4j.model.HookedTransformer;
import org.lens4j.text.PaddingSide;
import org.lens4j.text.Tokens;

/** {@code %ablate [ANSWER [WRONG]]}: what the model loses without one of its parts. */
final class AblateMagic implements Command {
    private static final Option WITH = Option.value(
                    "WHAT", "what stands in place of an activation: zero (if not given), mean or resample", "--with")
            .offering(new Offer.OneOf(List.of("zero", "mean", "resample")));
    private static final Option DATASET = Option.value(
            "$TEXTS", "a variable with Tokens or a list of texts: what mean and resample are taken from", "--dataset");
    private static final Option SEED = Option.value("N", "resample draws other prompts (the session's seed)", "--seed");
    private static final Usage USAGE = Usage.of(
                    "ablate",
                    AnswerWords.FORM,
                    "Takes away one part of the model at a time: ablation. Shows what becomes of the answer, or of the loss if none is given.")
            .example("%ablate \" Mary\" \" John\" --what head_out")
            .with(MetricFlags.ALL)
            .with(SiteFlags.ALL)
            .with(WITH, DATASET, SEED)
            .withPrompt();
    private static final PatchSite USUAL = PatchSite.headOut();

    private final LensSession lens;

    AblateMagic(LensSession lens) {
        this.lens = lens;
    }

    @Override
    public Usage usage() {
        return USAGE;
    }

    private static String with(Arguments arguments) {
        String with = arguments.choice(WITH).orElse("zero");
        boolean zero = with.equals("zero");
        if (zero && arguments.has(DATASET)) {
            throw new UsageException(
                    "%ablate: --dataset is for --with mean or --with resample. Add one of them, or leave it out.");
        }
        if (!with.equals("resample") && arguments.has(SEED)) {
            throw new UsageException(
                    "%ablate: --seed is for --with resample, and nothing is drawn here. Leave it out.");
        }
        if (!zero && !arguments.has(DATASET)) {
            throw new UsageException(
                    "%%ablate --with %s needs prompts to take activations from: var texts = List.of(\"…\", \"…\"); then write --dataset $texts."
                            .formatted(with));
        }
        return with;
    }

    private static Word dataset(Arguments arguments) {
        Word word = arguments.value(DATASET).orElseThrow();
        if (word.as(Tokens.class).isEmpty() && texts(word).isEmpty()) {
            throw new UsageException(
                    "%%ablate: --dataset takes a Java variable with Tokens or a list of texts, not \"%s\". Make one: var texts = List.of(\"…\", \"…\"); then write --dataset $texts."
                            .formatted(word));
        }
        return word;
    }

    private static List<String> texts(Word word) {
        return word.as(List.class).stream()
                .flatMap(it -> ((List<?>) it).stream())
                .map(String::valueOf)
                .toList();
    }

    private static Tokens tokens(HookedTransformer model, Word word) {
        return word.as(Tokens.class)
                .orElseGet(() -> model.tokens(PaddingSide.RIGHT, texts(word).toArray(String[]::new)));
    }

    @Override
    public String java(Arguments arguments) {
        String with = with(arguments);
        StringBuilder java = new StringBuilder("Ablation.").append(with).append("(lens.model(), ");
        java.append(Prompted.java(arguments)).append(", ");
        if (arguments.has(DATASET)) {
            Word word = dataset(arguments);
            String name = word.variable().orElseThrow().name();
            java.append(
                    word.as(Tokens.class).isPresent()
                            ? name
                            : "lens.model().tokens(PaddingSide.RIGHT, %s.toArray(new String[0]))".formatted(name));
            java.append(", ");
        }
        if (with.equals("resample")) {
            arguments.whole(SEED, 0);
            java.append(arguments.value(SEED).map(Word::javaLong).orElse("lens.seed()"))
                    .append(", ");
        }
        String metrics = kinds(arguments).stream()
                .map(it -> MetricFlags.java(it, arguments, Optional.empty()))
                .collect(Collectors.joining(", "));
        return java.append(metrics)
                .append(").run(")
                .append(SiteFlags.java(arguments, USUAL))
                .append(")")
                .toString();
    }

    private static List<MetricKind> kinds(Arguments arguments) {
        List<MetricKind> kinds = MetricFlags.ofOneRun(arguments);
        if (kinds.contains(MetricKind.RECOVERED)) {
            throw new UsageException(
                    "%ablate: --metric recovered measures the way between two runs, and there is one here. Use logit_diff.");
        }
        return kinds;
    }

    private Ablation ablation(Arguments arguments) {
        HookedTransformer model = lens.model();
        Tokens prompt = Prompted.tokens(lens, arguments);
        PatchMetric[] metrics = kinds(arguments).stream()
                .map(it -> MetricFlags.metric(it, arguments, model))
                .toArray(PatchMetric[]::new);
        return switch (with(arguments)) {
            case "mean" -> Ablation.mean(model, prompt, tokens(model, dataset(arguments)), metrics);
            case "resample" ->
                Ablation.resample(
                        model, prompt, tokens(model, dataset(arguments)), arguments.whole(SEED, lens.seed()), metrics);
            default -> Ablation.zero(model, prompt, metrics);
        };
    }

    @Override
    public String view(String value, Arguments arguments) {
        return PairFlags.view(value, kinds(arguments).size() > 1);
    }

    @Override
    public MagicResult run(Arguments arguments, Host host) {
        PatchSite site = SiteFlags.site(arguments, USUAL);
        Ablation ablation = ablation(arguments);
        try (HostWork work = HostWork.begin(host, "ablations", "")) {
            PatchResult result = ablation.withListener(work.patches()).run(site);
            return PairFlags.shown(result, kinds(arguments).size() > 1, AnswerWords.notes(lens.model(), arguments));
        }
    }
}
