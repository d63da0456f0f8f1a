package org.lens4j.kernel.magic;

import java.util.List;
import java.util.stream.Collectors;
import org.lens4j.error.UsageException;
import org.lens4j.kernel.display.MimeBundle;
import org.lens4j.kernel.session.LensSession;

/** {@code %unload NAME…}: frees models. */
final class UnloadMagic implements Command {
    private static final Usage USAGE = Usage.of(
                    "unload", "NAME…", "Frees models and their memory. Caches stay: %caches --drop frees those.")
            .example("%unload demo")
            .offering(Offer.Known.LOADED);

    private final LensSession lens;

    UnloadMagic(LensSession lens) {
        this.lens = lens;
    }

    @Override
    public Usage usage() {
        return USAGE;
    }

    private static List<Word> names(Arguments arguments) {
        if (arguments.words().isEmpty()) {
            throw new UsageException("%unload needs the name of a loaded model. List them with %models.");
        }
        return arguments.words();
    }

    @Override
    public String java(Arguments arguments) {
        return names(arguments).stream()
                .map(it -> ".unload(%s)".formatted(it.java()))
                .collect(Collectors.joining("", "lens", ".models()"));
    }

    @Override
    public MagicResult run(Arguments arguments, Host host) {
        List<String> names =
                names(arguments).stream().map(Word::text).distinct().toList();
        // All are looked up before one is freed.
        names.forEach(lens::loaded);
        names.forEach(lens::unload);
        String left = lens.current()
                .map(it -> "The current model is %s.".formatted(it))
                .orElse("No model is loaded now.");
        return MagicResult.of(lens.models(), MimeBundle.text("Freed %s. %s".formatted(String.join(", ", names), left)));
    }
}
