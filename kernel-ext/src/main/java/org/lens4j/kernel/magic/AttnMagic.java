package org.lens4j.kernel.magic;

import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.lens4j.analysis.Grid;
import org.lens4j.analysis.attention.AttentionPatterns;
import org.lens4j.error.RangeException;
import org.lens4j.error.UsageException;
import org.lens4j.kernel.display.Renderings;
import org.lens4j.kernel.session.LensSession;
import org.lens4j.viz.AttentionView;

/** {@code %attn LAYER[.HEAD]}: where the heads of a layer look. */
final class AttnMagic implements Command {
    /** A layer, and one of its heads or all. */
    private record Place(int layer, Optional<Integer> head) {}

    private final LensSession lens;

    AttnMagic(LensSession lens) {
        this.lens = lens;
    }

    @Override
    public String name() {
        return "attn";
    }

    @Override
    public String summary() {
        return "Shows the attention pattern of a layer, all heads or one, on the prompt.";
    }

    @Override
    public String form() {
        return "LAYER[.HEAD]";
    }

    @Override
    public String example() {
        return "%attn 1.3";
    }

    @Override
    public List<Option> options() {
        return List.of(Option.PROMPT);
    }

    @Override
    public String java(Arguments arguments) {
        Place place = place(arguments);
        String grid = arguments.has(Option.PROMPT)
                ? "AttentionPatterns.of(lens.model(), %s, %d)".formatted(Prompted.java(arguments), place.layer())
                : "lens.attention(%d)".formatted(place.layer());
        return place.head()
                .map(head -> "AttentionView.of(%s, List.of(%d))".formatted(grid, head))
                .orElse("AttentionView.of(" + grid + ")");
    }

    private static Place place(Arguments arguments) {
        if (arguments.words().size() != 1) {
            throw new UsageException(
                    "%%attn takes one layer, for example %%attn 1 or %%attn 1.3, and %d words were given: %s."
                            .formatted(arguments.words().size(), arguments.words()));
        }
        String[] parts = arguments.words().get(0).split("\\.", -1);
        if (parts.length > 2) {
            throw new UsageException("%%attn takes LAYER or LAYER.HEAD, not \"%s\"."
                    .formatted(arguments.words().get(0)));
        }
        int layer = Arguments.wholeNumber("The layer of %attn", parts[0]);
        Optional<Integer> head = parts.length == 2
                ? Optional.of(Arguments.wholeNumber("The head of %attn", parts[1]))
                : Optional.empty();
        return new Place(layer, head);
    }

    @Override
    public MagicResult run(Arguments arguments, Host host) {
        Place place = place(arguments);
        place.head()
                .ifPresent(head -> RangeException.index(
                        "head",
                        head,
                        lens.hooked().config().nHeads(),
                        "A layer of " + lens.hooked().name()));
        Grid pattern = AttentionPatterns.of(lens.hooked(), Prompted.tokens(lens, arguments), place.layer());
        return MagicResult.of(
                pattern,
                Renderings.bundle(place.head()
                        .map(head -> AttentionView.of(pattern, List.of(head)))
                        .orElseGet(() -> AttentionView.of(pattern))));
    }

    @Override
    public List<String> complete(List<String> words) {
        if (!lens.hasModel()) {
            return List.of();
        }
        String typed = words.isEmpty() ? "" : words.get(words.size() - 1);
        return IntStream.range(0, lens.hooked().config().nLayers())
                .mapToObj(Integer::toString)
                .filter(it -> it.startsWith(typed))
                .toList();
    }
}
