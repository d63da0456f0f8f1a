package org.lens4j.kernel.magic;

import java.util.List;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.lens4j.hook.HookName;
import org.lens4j.hub.Aliases;
import org.lens4j.hub.ModelFiles;
import org.lens4j.kernel.session.LensSession;

/**
 * The words an {@link Offer} comes to, now.
 *
 * @param lens whose models and caches are offered
 * @param table whose magics are
 */
record Offers(LensSession lens, Supplier<MagicTable> table) {
    /**
     * Those that begin as what was typed.
     *
     * @param typed the word so far, possibly empty
     */
    List<String> of(Offer offer, String typed) {
        Stream<String> words = Stream.of();
        if (offer instanceof Offer.OneOf one) {
            words = one.words().stream();
        } else if (offer instanceof Offer.SomeOf some) {
            String done = typed.substring(0, typed.lastIndexOf(',') + 1);
            words = some.words().stream().map(it -> done + it);
        } else if (offer instanceof Offer.Known known) {
            words = known(known, typed);
        }
        return words.filter(it -> it.startsWith(typed)).distinct().toList();
    }

    private Stream<String> known(Offer.Known known, String typed) {
        boolean modelled = lens.hasModel();
        return switch (known) {
            case MODELS -> Stream.concat(Stream.of(ModelFiles.DEMO), Aliases.read().names().stream());
            case LOADED -> lens.models().stream();
            case CACHES -> lens.caches().stream();
            case MAGICS -> table.get().all().stream().map(Magic::name);
            case HOOKS -> modelled ? lens.hooked().hooks().all().stream().map(HookName::full) : Stream.of();
            case LAYERS -> modelled ? numbers("", lens.hooked().config().nLayers()) : Stream.of();
            case HEADS -> modelled ? heads(typed) : Stream.of();
        };
    }

    private Stream<String> heads(String typed) {
        int dot = typed.indexOf('.');
        return dot < 0
                ? numbers("", lens.hooked().config().nLayers())
                : numbers(typed.substring(0, dot + 1), lens.hooked().config().nHeads());
    }

    private static Stream<String> numbers(String before, int count) {
        return IntStream.range(0, count).mapToObj(it -> before + it);
    }
}
