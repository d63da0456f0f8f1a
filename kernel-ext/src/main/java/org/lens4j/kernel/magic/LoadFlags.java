package org.lens4j.kernel.magic;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.lens4j.error.UsageException;
import org.lens4j.load.LoadOptions;
import org.lens4j.process.Processing;

/** The options of {@code %load} that say how: as words, as {@link LoadOptions}, and as the Java that makes those. */
final class LoadFlags {
    private static final Option NO_PROCESSING =
            Option.flag("leaves the weights as they are in the file", "--no-processing");
    private static final Option WITHOUT = Option.value(
                    "PASS", "leaves out one rewrite of the weights, or several with commas between them", "--without")
            .offering(new Offer.SomeOf(Arrays.stream(Processing.Switch.values())
                    .map(Processing.Switch::officialName)
                    .toList()));
    private static final Option REFACTOR = Option.flag("also writes every head in its singular vectors", "--refactor");
    private static final Option AS_CONFIG = Option.value(
                    "NAME|FILE", "takes the config.json of a model, or a file, for weights without one", "--as-config")
            .offering(Offer.Known.MODELS);
    private static final Option FAMILY = Option.value(
                    "FILE", "reads an architecture this library does not know as FILE says", "--family")
            .offering(Offer.Known.FILES);
    private static final Option NO_CHECK = Option.flag("does not check the loaded model on the spot", "--no-check");
    private static final Option REVISION =
            Option.value("REV", "takes this branch, tag or commit of a model on the hub", "--revision");
    private static final Option OFFLINE = Option.flag("opens no connection: the cache or nothing", "--offline");
    private static final Option REFRESH =
            Option.flag("asks the hub again though the model is in the cache", "--refresh");

    static final List<Option> ALL =
            List.of(NO_PROCESSING, WITHOUT, REFACTOR, AS_CONFIG, FAMILY, NO_CHECK, REVISION, OFFLINE, REFRESH);

    private LoadFlags() {}

    /** The options these arguments ask for. */
    static LoadOptions options(Arguments arguments) {
        LoadOptions options = LoadOptions.defaults();
        if (arguments.has(NO_PROCESSING)) {
            options = options.noProcessing();
        }
        for (Processing.Switch pass : without(arguments)) {
            options = options.without(pass);
        }
        if (arguments.has(REFACTOR)) {
            options = options.with(Processing.Switch.REFACTOR_FACTORED_ATTN_MATRICES);
        }
        options = arguments
                .value(AS_CONFIG)
                .map(Word::text)
                .map(options::asConfig)
                .orElse(options);
        options = arguments
                .value(FAMILY)
                .map(Word::text)
                .map(LoadFlags::path)
                .map(options::withFamily)
                .orElse(options);
        options = arguments
                .value(REVISION)
                .map(Word::text)
                .map(options::withRevision)
                .orElse(options);
        options = arguments.has(NO_CHECK) ? options.withoutCheck() : options;
        options = arguments.has(OFFLINE) ? options.withOffline() : options;
        return arguments.has(REFRESH) ? options.withRefresh() : options;
    }

    /** The Java that makes the same options, unless they are the defaults. */
    static Optional<String> java(Arguments arguments) {
        StringBuilder java = new StringBuilder();
        java.append(arguments.has(NO_PROCESSING) ? ".noProcessing()" : "");
        without(arguments).forEach(it -> java.append(".without(Processing.Switch.")
                .append(it.name())
                .append(")"));
        java.append(arguments.has(REFACTOR) ? ".with(Processing.Switch.REFACTOR_FACTORED_ATTN_MATRICES)" : "");
        arguments
                .value(AS_CONFIG)
                .ifPresent(it -> java.append(".asConfig(").append(it.java()).append(")"));
        arguments.value(FAMILY).ifPresent(it -> java.append(".withFamily(Path.of(")
                .append(it.java())
                .append("))"));
        arguments
                .value(REVISION)
                .ifPresent(it -> java.append(".withRevision(").append(it.java()).append(")"));
        java.append(arguments.has(NO_CHECK) ? ".withoutCheck()" : "");
        java.append(arguments.has(OFFLINE) ? ".withOffline()" : "");
        java.append(arguments.has(REFRESH) ? ".withRefresh()" : "");
        return java.isEmpty() ? Optional.empty() : Optional.of("LoadOptions.defaults()" + java);
    }

    private static List<Processing.Switch> without(Arguments arguments) {
        return arguments.value(WITHOUT).stream()
                .flatMap(it -> Arrays.stream(it.text().split(",", -1)))
                .map(it -> Processing.Switch.named(it.strip()))
                .toList();
    }

    private static Path path(String file) {
        try {
            return Path.of(file);
        } catch (InvalidPathException e) {
            throw new UsageException(
                    "%%load: --family takes a file, and \"%s\" cannot be one (%s).".formatted(file, e.getReason()));
        }
    }
}
