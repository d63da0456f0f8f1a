package org.lens4j.kernel.magic;

import java.util.List;
import org.lens4j.cache.ActivationCache;
import org.lens4j.cache.CacheBudget;
import org.lens4j.cache.CachePlan;
import org.lens4j.error.UsageException;
import org.lens4j.hook.Gate;
import org.lens4j.kernel.display.Bytes;
import org.lens4j.kernel.display.MimeBundle;
import org.lens4j.kernel.session.LensSession;
import org.lens4j.model.HookedModel;
import org.lens4j.model.RunOptions;
import org.lens4j.text.Tokens;

/** {@code %cache NAME|GLOB…}: runs the prompt as far as needed and keeps activations. */
final class CacheMagic implements Command {
    private static final Option AS = Option.value("NAME", "keeps them under NAME, for lens.cache(\"NAME\")", "--as");

    private static final Option FLOAT16 =
            Option.flag("stores them in half the memory; what is taken is widened to float32", "--float16");
    private static final Option BUDGET = Option.value(
            "MB", "keeps this much in memory and the rest in a temporary file; else half of what is free", "--budget");
    private static final Usage USAGE = Usage.of(
                    "cache",
                    "NAME|GLOB…",
                    "Runs the prompt and keeps activations by hook name; lens.cache().get(name) gives one to Java.")
            .example("%cache blocks.1.hook_resid_post blocks.*.attn.hook_pattern")
            .offering(Offer.Known.HOOKS)
            .with(AS, FLOAT16, BUDGET)
            .withPrompt()
            .with(GateFlags.all());
    /** Bytes from which a plan is shown. */
    private static final long LARGE = 100_000_000;

    private final LensSession lens;

    CacheMagic(LensSession lens) {
        this.lens = lens;
    }

    @Override
    public Usage usage() {
        return USAGE;
    }

    @Override
    public String java(Arguments arguments) {
        names(arguments);
        String names = arguments.javaWords();
        String gates = GateFlags.java(arguments);
        if (arguments.has(FLOAT16) || arguments.has(BUDGET) || !gates.isEmpty()) {
            return "lens.keep(%s, lens.hooked().cache(%s, RunOptions.defaults()%s.withCached(%s)%s%s))"
                    .formatted(
                            javaName(arguments),
                            Prompted.java(arguments),
                            gates,
                            names,
                            arguments.has(FLOAT16) ? ".withFloat16Cache()" : "",
                            arguments.has(BUDGET)
                                    ? ".withCacheBudget(CacheBudget.ofMegabytes(%s))"
                                            .formatted(javaMegabytes(arguments))
                                    : "");
        }
        if (arguments.has(Option.PROMPT)) {
            return "lens.keep(%s, lens.hooked().cache(%s, %s))"
                    .formatted(javaName(arguments), Prompted.java(arguments), names);
        }
        return arguments
                .value(AS)
                .map(as -> "lens.runWithCacheAs(%s, %s)".formatted(as.java(), names))
                .orElse("lens.runWithCache(" + names + ")");
    }

    private static List<String> names(Arguments arguments) {
        if (arguments.words().isEmpty()) {
            throw new UsageException(
                    "%cache needs the name of at least one hook point, or a glob. List them with %hooks, or keep all with %cache *.");
        }
        return arguments.texts();
    }

    private static String cacheName(Arguments arguments) {
        return arguments.value(AS).map(Word::text).orElse(LensSession.DEFAULT_CACHE);
    }

    private static String javaName(Arguments arguments) {
        return arguments.value(AS).map(Word::java).orElse(JavaText.literal(LensSession.DEFAULT_CACHE));
    }

    private static int megabytes(Arguments arguments) {
        int megabytes = arguments.integer(BUDGET, 0);
        if (megabytes < 0) {
            throw new UsageException(
                    "--budget MB must be 0 or more, not %d. %s".formatted(megabytes, Arguments.seeHelp("cache")));
        }
        return megabytes;
    }

    private static String javaMegabytes(Arguments arguments) {
        megabytes(arguments);
        return arguments.javaInteger(BUDGET, 0);
    }

    private static RunOptions options(Arguments arguments) {
        RunOptions options = RunOptions.defaults().withCached(names(arguments));
        for (Gate gate : GateFlags.of(arguments)) {
            options = options.with(gate);
        }
        RunOptions stored = arguments.has(FLOAT16) ? options.withFloat16Cache() : options;
        return arguments.has(BUDGET) ? stored.withCacheBudget(CacheBudget.ofMegabytes(megabytes(arguments))) : stored;
    }

    @Override
    public MagicResult run(Arguments arguments, Host host) {
        RunOptions options = options(arguments);
        HookedModel model = lens.hooked();
        Tokens tokens = Prompted.tokens(lens, arguments);
        GateFlags.requireOpen(model.hooks(), names(arguments), options.gates());
        CachePlan plan = CachePlan.of(model.hooks(), names(arguments), options.gates(), tokens.batch(), tokens.pos());
        plan.check(options.keeping());
        if (plan.bytes() > LARGE || plan.spilledBytes(options.keeping()) > 0) {
            host.display(MimeBundle.text(plan.line(options.keeping())));
        }
        ActivationCache cache = lens.keep(cacheName(arguments), model.cache(tokens, options));
        if (cache.spilledBytes() > 0) {
            host.display(MimeBundle.text(
                    "The budget was used up: %s of these activations are in a temporary file, and are read when they are asked for. It goes with the cache."
                            .formatted(Bytes.readable(cache.spilledBytes()))));
        }
        return MagicResult.of(cache, host.displays().of(cache));
    }
}
