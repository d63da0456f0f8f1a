package org.lens4j.kernel.magic;

import java.util.List;
import org.lens4j.error.UsageException;
import org.lens4j.generate.GenerateOptions;
import org.lens4j.generate.Generation;
import org.lens4j.generate.Steering;
import org.lens4j.kernel.display.MimeBundle;
import org.lens4j.kernel.display.Renderings;
import org.lens4j.kernel.session.LensSession;
import org.lens4j.text.Tokens;
import org.lens4j.viz.TableView;
import tech.tablesaw.api.StringColumn;
import tech.tablesaw.api.Table;

/** {@code %steer POINT MORE LESS}: a direction between two texts, and what the model writes with it. */
final class SteerMagic implements Command {
    private static final int USUAL = 20;
    private static final double USUAL_STRENGTH = 4;
    private static final Option STRENGTH =
            Option.value("S", "times the difference; negative for the other way (4)", "--strength");
    private static final Option MOST = Option.value(
            "N",
            "writes N tokens at most, once without and once with it (%d)".formatted(USUAL),
            "-n",
            "--max-new-tokens");
    private static final Usage USAGE = Usage.of(
                    "steer",
                    "POINT MORE LESS",
                    "Takes the difference of two texts at a hook point and adds it while the model writes. Gives a Steering, for %generate --steer.")
            .example("%steer blocks.1.hook_resid_pre \" Paris\" \" Rome\" --strength 1 -o paris")
            .offering(Offer.Known.HOOKS)
            .with(STRENGTH, MOST)
            .withPrompt();

    private final LensSession lens;

    SteerMagic(LensSession lens) {
        this.lens = lens;
    }

    @Override
    public Usage usage() {
        return USAGE;
    }

    private static List<Word> three(Arguments arguments) {
        if (arguments.words().size() != 3) {
            throw new UsageException(
                    "%%steer takes a hook point and two texts, and %d words were given: %s. Write %%steer blocks.1.hook_resid_pre \"I am happy\" \"I am sad\"."
                            .formatted(arguments.words().size(), arguments.words()));
        }
        return arguments.words();
    }

    @Override
    public String java(Arguments arguments) {
        three(arguments);
        arguments.number(STRENGTH, USUAL_STRENGTH);
        return "Steering.between(lens.model(), %s).times(%s)"
                .formatted(
                        arguments.javaWords(),
                        arguments.value(STRENGTH).map(Word::javaDouble).orElse("4"));
    }

    @Override
    public MagicResult run(Arguments arguments, Host host) {
        List<Word> words = three(arguments);
        Steering steering = Steering.between(
                        lens.model(),
                        words.get(0).text(),
                        words.get(1).text(),
                        words.get(2).text())
                .times(arguments.number(STRENGTH, USUAL_STRENGTH));
        Tokens prompt = Prompted.tokens(lens, arguments);
        GenerateOptions plain = GenerateOptions.of(arguments.integer(MOST, USUAL));
        StringColumn how = StringColumn.create("steering");
        StringColumn text = StringColumn.create("what is written");
        how.append("none").append("strength " + steering.strength());
        text.append(written(prompt, plain, host)).append(written(prompt, plain.withSteering(steering), host));
        Table table = Table.create("After \"%s\"".formatted(prompt.text(0)), how, text);
        return MagicResult.of(
                steering,
                Renderings.noted(
                        TableView.of(table),
                        List.of(host.displays().of(steering).data().getOrDefault(MimeBundle.TEXT, ""))));
    }

    private String written(Tokens prompt, GenerateOptions options, Host host) {
        try (WritingInCell writing = new WritingInCell(host, "", System::nanoTime)) {
            return Generation.of(lens.model(), prompt, options, writing).text();
        }
    }
}
