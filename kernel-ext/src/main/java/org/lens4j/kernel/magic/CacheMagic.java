package org.lens4j.kernel.magic;

import java.util.List;
import org.lens4j.cache.ActivationCache;
import org.lens4j.error.UsageException;
import org.lens4j.kernel.session.LensSession;

/** {@code %cache NAME|GLOB…}: runs the prompt as far as needed and keeps activations. */
final class CacheMagic implements Command {
    private static final Option AS = Option.value("NAME", "keeps them under NAME, for lens.cache(\"NAME\")", "--as");

    private final LensSession lens;

    CacheMagic(LensSession lens) {
        this.lens = lens;
    }

    @Override
    public String name() {
        return "cache";
    }

    @Override
    public String summary() {
        return "Runs the prompt and keeps activations by hook name; lens.cache().get(name) gives one to Java.";
    }

    @Override
    public String form() {
        return "NAME|GLOB…";
    }

    @Override
    public String example() {
        return "%cache blocks.1.hook_resid_post blocks.*.attn.hook_pattern";
    }

    @Override
    public List<Option> options() {
        return List.of(AS, Option.PROMPT);
    }

    @Override
    public String java(Arguments arguments) {
        String names = JavaText.literals(names(arguments));
        if (arguments.has(Option.PROMPT)) {
            return "lens.keep(%s, lens.model().cache(%s, %s))"
                    .formatted(JavaText.literal(cacheName(arguments)), Prompted.java(arguments), names);
        }
        return arguments
                .value(AS)
                .map(as -> "lens.runWithCacheAs(%s, %s)".formatted(JavaText.literal(as), names))
                .orElse("lens.runWithCache(" + names + ")");
    }

    private static List<String> names(Arguments arguments) {
        if (arguments.words().isEmpty()) {
            throw new UsageException(
                    "%cache needs the name of at least one hook point, or a glob. List them with %hooks, or keep all with %cache *.");
        }
        return arguments.words();
    }

    private static String cacheName(Arguments arguments) {
        return arguments.value(AS).orElse(LensSession.DEFAULT_CACHE);
    }

    @Override
    public MagicResult run(Arguments arguments, Host host) {
        String[] names = names(arguments).toArray(String[]::new);
        ActivationCache cache =
                lens.keep(cacheName(arguments), lens.hooked().cache(Prompted.tokens(lens, arguments), names));
        return MagicResult.of(cache, host.displays().of(cache));
    }

    @Override
    public List<String> complete(List<String> words) {
        return HookWords.complete(lens, words);
    }
}
