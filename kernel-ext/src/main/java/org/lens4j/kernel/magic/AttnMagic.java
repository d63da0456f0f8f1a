package org.lens4j.kernel.magic;

import java.util.List;
import java.util.stream.IntStream;
import org.lens4j.analysis.Axis;
import org.lens4j.analysis.Grid;
import org.lens4j.analysis.attention.AttentionPatterns;
import org.lens4j.error.RangeException;
import org.lens4j.error.UsageException;
import org.lens4j.kernel.display.Renderings;
import org.lens4j.kernel.session.LensSession;
import org.lens4j.viz.AttentionLinesView;
import org.lens4j.viz.AttentionView;

/** {@code %attn LAYER[.HEAD]}: where the heads of a layer look. */
final class AttnMagic implements Command {
    private static final Option LINES =
            Option.flag("draws lines from each token to those it looks at, in place of a map for each head", "--lines");

    private static final Usage USAGE = Usage.of(
                    "attn", "LAYER[.HEAD]", "Shows the attention pattern of a layer, all heads or one, on the prompt.")
            .with(LINES)
            .example("%attn 1.3")
            .offering(Offer.Known.HEADS)
            .withPrompt();

    private final LensSession lens;

    AttnMagic(LensSession lens) {
        this.lens = lens;
    }

    private static LayerPlace place(Arguments arguments) {
        if (arguments.words().size() != 1) {
            throw new UsageException(
                    "%%attn takes one layer, for example %%attn 1 or %%attn 1.3, and %d words were given: %s."
                            .formatted(arguments.words().size(), arguments.words()));
        }
        return LayerPlace.of("attn", arguments.words().get(0), "HEAD");
    }

    @Override
    public Usage usage() {
        return USAGE;
    }

    @Override
    public String java(Arguments arguments) {
        String layer = place(arguments).layerWord().javaInteger();
        return arguments.has(Option.PROMPT)
                ? "AttentionPatterns.of(lens.hooked(), %s, %s)".formatted(Prompted.java(arguments), layer)
                : "lens.attention(%s)".formatted(layer);
    }

    @Override
    public String view(String value, Arguments arguments) {
        String heads = place(arguments)
                .partWord()
                .map(it -> ", List.of(" + it.javaInteger() + ")")
                .orElse("");
        return "%s.of(%s%s)".formatted(arguments.has(LINES) ? "AttentionLinesView" : "AttentionView", value, heads);
    }

    @Override
    public MagicResult run(Arguments arguments, Host host) {
        LayerPlace place = place(arguments);
        place.part()
                .ifPresent(head -> RangeException.index(
                        "head",
                        head,
                        lens.hooked().config().nHeads(),
                        "A layer of " + lens.hooked().name()));
        Grid pattern = AttentionPatterns.of(lens.hooked(), Prompted.tokens(lens, arguments), place.layer());
        List<Integer> heads = place.part().map(List::of).orElseGet(() -> every(pattern.axis("head")));
        return MagicResult.of(
                pattern,
                Renderings.bundle(
                        arguments.has(LINES)
                                ? AttentionLinesView.of(pattern, heads)
                                : AttentionView.of(pattern, heads)));
    }

    private static List<Integer> every(Axis heads) {
        return IntStream.range(0, heads.size()).boxed().toList();
    }
}
