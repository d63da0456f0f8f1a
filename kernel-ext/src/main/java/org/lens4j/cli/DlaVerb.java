package org.lens4j.cli;

import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import org.lens4j.analysis.residual.Answers;
import org.lens4j.analysis.residual.LogitAttribution;
import org.lens4j.model.HookedModel;
import org.lens4j.model.HookedTransformer;
import org.lens4j.text.Tokens;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code lens dla}: which parts of a model make an answer likely. */
@Command(
        name = "dla",
        description = "Direct logit attribution: what each layer, head, neuron or position adds to the logit of an"
                + " answer, or to the difference of two.%n")
final class DlaVerb implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before anything is run
    private CommandSpec spec;

    @Mixin
    private ModelWords model = new ModelWords();

    @ArgGroup(multiplicity = "0..1")
    private TokenWords tokens = new TokenWords();

    @Option(
            names = "--answer",
            paramLabel = "TOKEN",
            required = true,
            description = "One token, as a rule with a space in front: ' Mary'; or its id: id:5335.")
    private String answer = "";

    @Option(names = "--wrong", paramLabel = "TOKEN", description = "A token to compare the answer with.")
    private Optional<String> wrong = Optional.empty();

    @Option(
            names = "--by",
            paramLabel = "PART",
            defaultValue = "layer",
            description = "layer (if not given), head, neuron, pos or component.")
    private String by = "layer";

    @Option(
            names = "--position",
            paramLabel = "N",
            description = "Where the answer is given, from 0, or from the end with -1; the last if not given.")
    private Optional<Integer> position = Optional.empty();

    @Mixin
    private GridWords output = new GridWords();

    DlaVerb() {}

    @Override
    public Integer call() {
        tokens.check();
        output.check(model);
        LogitAttribution.By part = LogitAttribution.By.named(by);
        try (HookedModel loaded = model.load()) {
            HookedTransformer decoder = ModelWords.decoder(loaded, "dla");
            Tokens prompt = tokens.of(decoder);
            Answers right = Answers.of(decoder.answer(answer));
            Answers answers = wrong.map(it -> right.against(decoder.answer(it))).orElse(right);
            OptionalInt at = position.map(OptionalInt::of).orElse(OptionalInt.empty());
            LogitAttribution found = LogitAttribution.of(decoder, prompt, answers, part, at);
            output.write(spec.commandLine(), found.mean(), found.notes().toArray(String[]::new));
        }
        return Main.DONE;
    }
}
