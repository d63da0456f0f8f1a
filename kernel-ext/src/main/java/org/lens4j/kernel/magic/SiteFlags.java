package org.lens4j.kernel.magic;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.lens4j.analysis.patching.PatchSite;

/** Where magics that patch do so: the place, and the layers. */
final class SiteFlags {
    private static final Option WHAT = Option.value(
                    "PLACE",
                    "what is patched: resid_pre, attn_out, mlp_out, head_out, head_q, …, the same with _by_pos, neurons",
                    "--what")
            .offering(new Offer.OneOf(
                    PatchSite.all().stream().map(PatchSite::name).toList()));
    private static final Option LAYERS =
            Option.value("L[,L]…", "in these layers only", "--layers").offering(Offer.Known.LAYERS);

    static final List<Option> ALL = List.of(WHAT, LAYERS);

    private SiteFlags() {}

    /**
     * The place that was named.
     *
     * @param usual if none was
     */
    static PatchSite site(Arguments arguments, PatchSite usual) {
        PatchSite site =
                arguments.value(WHAT).map(it -> PatchSite.named(it.text())).orElse(usual);
        Integer[] layers = arguments.value(LAYERS).stream()
                .flatMap(it -> Arrays.stream(it.text().split(",", -1)))
                .map(it -> Arguments.wholeNumber("A layer of --layers", it.strip()))
                .toArray(Integer[]::new);
        return layers.length == 0 ? site : site.inLayers(layers);
    }

    static String java(Arguments arguments, PatchSite usual) {
        String name = site(arguments, usual).name();
        String site = arguments
                .value(WHAT)
                .filter(it -> it.variable().isPresent())
                .map(it -> "PatchSite.named(" + it.java() + ")")
                .orElse("PatchSite." + method(name) + "()");
        return site
                + arguments
                        .value(LAYERS)
                        .map(it -> it.split(',').stream().map(Word::javaInteger).collect(Collectors.joining(", ")))
                        .map(".inLayers(%s)"::formatted)
                        .orElse("");
    }

    /** Each place is a method of {@link PatchSite} that is named as it is, in camel case. */
    static String method(String name) {
        String[] words = name.split("_", -1);
        return words[0]
                + Arrays.stream(words, 1, words.length)
                        .map(it -> Character.toUpperCase(it.charAt(0)) + it.substring(1))
                        .collect(Collectors.joining());
    }
}
