package org.lens4j.kernel.magic;

import java.util.List;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.lens4j.hook.HookName;
import org.lens4j.kernel.session.LensSession;

/**
 * The words an {@link Offer} comes to, now.
 *
 * @param lens whose models and caches are offered
 * @param table whose magics are
 */
record Offers(LensSession lens, Supplier<MagicTable> table) {
    /**
     * Those that what was typed may become.
     *
     * @param typed the word so far, possibly empty
     */
    List<String> of(Offer offer, String typed) {
        Typed word = new Typed(typed);
        if (offer instanceof Offer.OneOf one) {
            return word.among(one.words().stream());
        }
        if (offer instanceof Offer.SomeOf some) {
            String done = typed.substring(0, typed.lastIndexOf(',') + 1);
            return word.among(some.words().stream().map(it -> done + it));
        }
        return offer instanceof Offer.Known known ? known(known, word) : List.of();
    }

    private List<String> known(Offer.Known known, Typed word) {
        boolean modelled = lens.hasModel();
        return switch (known) {
            case MODELS -> word.models();
            case FILES -> word.files();
            case LOADED -> word.among(lens.models().stream());
            case CACHES -> word.among(lens.caches().stream());
            case MAGICS -> word.among(table.get().all().stream().map(Magic::name));
            case HOOKS -> modelled ? word.hooks(hooks(lens)) : List.of();
            case LAYERS ->
                modelled ? word.among(numbers("", lens.hooked().config().nLayers())) : List.of();
            case HEADS -> modelled ? word.among(heads(word.text())) : List.of();
        };
    }

    private static List<String> hooks(LensSession lens) {
        return lens.hooked().hooks().all().stream().map(HookName::full).toList();
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
