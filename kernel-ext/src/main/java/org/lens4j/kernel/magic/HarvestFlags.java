package org.lens4j.kernel.magic;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.lens4j.error.UsageException;
import org.lens4j.harvest.Corpus;
import org.lens4j.harvest.HarvestOptions;
import org.lens4j.harvest.Positions;
import org.lens4j.harvest.Precision;
import org.lens4j.hook.Gate;
import org.lens4j.model.ComputeType;

/** The options of {@code %harvest}: as words, as {@link HarvestOptions}, and as the Java that makes those. */
final class HarvestFlags {
    private static final Option IN = Option.value(
                    "FILE", "the corpus, .jsonl or plain text with a document on each line; needed", "--in")
            .offering(Offer.Known.FILES);
    private static final Option OUT =
            Option.value("DIR", "the folder to write into; needed", "--out").offering(Offer.Known.FILES);
    private static final Option FIELD = Option.value("NAME", "the field of a .jsonl with the text (text)", "--field");
    private static final Option DTYPE = Option.value("TYPE", "float16 or float32 (float32)", "--dtype")
            .offering(new Offer.OneOf(List.of("float16", "float32")));
    private static final Option COMPUTE = Option.value(
                    "TYPE", "of the model's products: float32 or bf16 (float32)", "--precision")
            .offering(new Offer.OneOf(List.of("float32", "bf16")));
    private static final Option BATCH =
            Option.value("N", "contexts run at a time (%d)".formatted(HarvestOptions.USUAL_BATCH), "--batch");
    private static final Option CONTEXT =
            Option.value("N", "tokens of a context at most (%d)".formatted(HarvestOptions.USUAL_CONTEXT), "--context");
    private static final Option POSITIONS =
            Option.value("WHICH", "tokens of each document: all, last, sample:K (all)", "--positions");
    private static final Option SEED = Option.value("N", "draws another sample (0)", "--seed");
    private static final Option NO_SPECIAL = Option.flag("makes no rows of BOS, [CLS], [SEP]", "--no-special");
    private static final Option LIMIT = Option.value("TOKENS", "ends when so many are run", "--limit");
    private static final Option SHARD_ROWS =
            Option.value("N", "rows of each file (%d)".formatted(HarvestOptions.USUAL_SHARD_ROWS), "--shard-rows");

    static final List<Option> ALL = Stream.concat(
                    Stream.of(
                            IN,
                            OUT,
                            FIELD,
                            DTYPE,
                            COMPUTE,
                            BATCH,
                            CONTEXT,
                            POSITIONS,
                            SEED,
                            NO_SPECIAL,
                            LIMIT,
                            SHARD_ROWS),
                    GateFlags.all().stream())
            .toList();

    private HarvestFlags() {}

    private static Word needed(Arguments arguments, Option option) {
        return arguments
                .value(option)
                .orElseThrow(() -> new UsageException(
                        "%%harvest needs %s. Write for example %%harvest blocks.1.hook_resid_post --in corpus.txt --out rows"
                                .formatted(option.written())));
    }

    private static Path path(Arguments arguments, Option option) {
        String file = needed(arguments, option).text();
        try {
            return Path.of(file);
        } catch (InvalidPathException e) {
            throw new UsageException("%%harvest: %s takes a file, and \"%s\" cannot be one (%s)."
                    .formatted(option.written(), file, e.getReason()));
        }
    }

    static Corpus corpus(Arguments arguments) {
        Corpus plain = Corpus.of(path(arguments, IN));
        return arguments.value(FIELD).map(Word::text).map(plain::withField).orElse(plain);
    }

    static Path out(Arguments arguments) {
        return path(arguments, OUT);
    }

    private static List<String> hooks(Arguments arguments) {
        if (arguments.words().isEmpty()) {
            throw new UsageException(
                    "%harvest needs the name of at least one hook point, or a glob. List them with %hooks.");
        }
        return arguments.texts();
    }

    static HarvestOptions options(Arguments arguments) {
        HarvestOptions options = HarvestOptions.of(hooks(arguments));
        for (Gate gate : GateFlags.of(arguments)) {
            options = options.with(gate);
        }
        options = arguments
                .value(DTYPE)
                .map(Word::text)
                .map(Precision::named)
                .map(options::withPrecision)
                .orElse(options);
        options = arguments
                .value(COMPUTE)
                .map(Word::text)
                .map(ComputeType::named)
                .map(options::withCompute)
                .orElse(options);
        options = options.withBatch(arguments.integer(BATCH, HarvestOptions.USUAL_BATCH));
        options = arguments.has(CONTEXT) ? options.withContext(arguments.integer(CONTEXT, 0)) : options;
        options = options.withPositions(positions(arguments));
        options = arguments.has(NO_SPECIAL) ? options.withoutSpecial() : options;
        options = arguments.has(LIMIT) ? options.withLimit(arguments.whole(LIMIT, 0)) : options;
        return options.withShardRows(arguments.integer(SHARD_ROWS, HarvestOptions.USUAL_SHARD_ROWS));
    }

    private static Positions positions(Arguments arguments) {
        Positions chosen =
                Positions.parse(arguments.value(POSITIONS).map(Word::text).orElse("all"), arguments.whole(SEED, 0));
        if (arguments.has(SEED) && !(chosen instanceof Positions.Sample)) {
            throw new UsageException("--seed is for --positions sample:K, and nothing is drawn here. Leave it out.");
        }
        return chosen;
    }

    /** The Java that does the same. */
    static String java(Arguments arguments) {
        HarvestOptions options = options(arguments);
        StringBuilder java = new StringBuilder("Harvest.of(lens.pretrained(), Corpus.of(java.nio.file.Path.of(%s))"
                .formatted(needed(arguments, IN).java()));
        arguments.value(FIELD).ifPresent(it -> java.append(".withField(%s)".formatted(it.java())));
        java.append(", HarvestOptions.of(%s)".formatted(arguments.javaWords()));
        options.gates().stream().sorted().forEach(it -> java.append(".with(org.lens4j.hook.Gate.%s)".formatted(it)));
        if (options.precision() != Precision.FLOAT32) {
            java.append(".withPrecision(Precision.%s)".formatted(options.precision()));
        }
        if (options.compute() != ComputeType.FLOAT32) {
            java.append(".withCompute(ComputeType.%s)".formatted(options.compute()));
        }
        number(java, "withBatch", options.batch(), HarvestOptions.USUAL_BATCH);
        options.context().ifPresent(it -> java.append(".withContext(%d)".formatted(it)));
        if (options.positions() instanceof Positions.Sample sample) {
            java.append(".withPositions(new Positions.Sample(%d, %dL))".formatted(sample.count(), sample.seed()));
        } else if (options.positions() instanceof Positions.Last) {
            java.append(".withPositions(new Positions.Last())");
        }
        java.append(options.special() ? "" : ".withoutSpecial()");
        options.limit().ifPresent(it -> java.append(".withLimit(%dL)".formatted(it)));
        number(java, "withShardRows", options.shardRows(), HarvestOptions.USUAL_SHARD_ROWS);
        return java.append(").into(java.nio.file.Path.of(%s))"
                        .formatted(needed(arguments, OUT).java()))
                .toString();
    }

    private static void number(StringBuilder java, String method, int number, int usual) {
        java.append(number == usual ? "" : ".%s(%d)".formatted(method, number));
    }
}
