package org.lens4j.kernel.magic;

import java.util.List;
import java.util.stream.Collectors;
import org.lens4j.analysis.logits.NextTokens;
import org.lens4j.analysis.logits.Prediction;
import org.lens4j.error.UsageException;
import org.lens4j.kernel.display.MimeBundle;
import org.lens4j.kernel.display.Renderings;
import org.lens4j.kernel.session.LensSession;
import org.lens4j.model.HookedTransformer;
import org.lens4j.text.TokenLabels;
import org.lens4j.text.Tokens;
import org.lens4j.viz.TableView;
import tech.tablesaw.api.DoubleColumn;
import tech.tablesaw.api.IntColumn;
import tech.tablesaw.api.StringColumn;
import tech.tablesaw.api.Table;

/** {@code %%prompts}: several prompts, one on each line of the cell, for sweeps over them. */
final class PromptsMagic implements Command {
    private static final Usage USAGE = Usage.of(
                    "prompts",
                    "",
                    "Sets several prompts, one on each line of the cell, and shows what the model says after each. %%sweep --prompts works on them.")
            .example("%%prompts\nParis is the capital of\nRome is the capital of")
            .taking(Usage.Takes.BODY);

    private final LensSession lens;

    PromptsMagic(LensSession lens) {
        this.lens = lens;
    }

    @Override
    public Usage usage() {
        return USAGE;
    }

    private static List<Word> prompts(Arguments arguments, Host host) {
        if (!arguments.words().isEmpty()) {
            throw new UsageException(
                    "%%%%prompts takes prompts on the lines below it, and was given %s on its own line. Move them down."
                            .formatted(arguments.words()));
        }
        List<Word> prompts = arguments
                .body()
                .orElse("")
                .lines()
                .filter(it -> !it.isBlank())
                .map(it -> Word.of(it, host))
                .toList();
        if (prompts.isEmpty()) {
            throw new UsageException("%%prompts has no lines below it. Write a prompt on each.");
        }
        return prompts;
    }

    @Override
    public String java(Arguments arguments) {
        throw new IllegalStateException("The Java of prompts needs the notebook's variables: java(arguments, host).");
    }

    @Override
    public String java(Arguments arguments, Host host) {
        return prompts(arguments, host).stream()
                .map(Word::java)
                .collect(Collectors.joining(",\n        ", "lens.prompts(List.of(\n        ", ")).prompts()"));
    }

    @Override
    public MagicResult run(Arguments arguments, Host host) {
        List<String> prompts = prompts(arguments, host).stream().map(Word::text).toList();
        if (!lens.hasModel()) {
            lens.prompts(prompts);
            return MagicResult.of(prompts, MimeBundle.text("%d prompts are set.".formatted(prompts.size())));
        }
        // Tokenise before setting: a prompt the model refuses leaves the session as it was.
        List<Tokens> tokens = prompts.stream().map(lens::tokens).toList();
        tokens.forEach(lens.hooked()::check);
        Table table = lens.hooked() instanceof HookedTransformer reader
                ? said(reader, prompts, tokens)
                : table(prompts, tokens);
        lens.prompts(prompts);
        return MagicResult.of(prompts, Renderings.bundle(TableView.of(table)));
    }

    private static Table table(List<String> prompts, List<Tokens> tokens) {
        IntColumn length = IntColumn.create("tokens");
        tokens.forEach(it -> length.append(it.pos()));
        return Table.create("%d prompts".formatted(prompts.size()), StringColumn.create("prompt", prompts), length);
    }

    private static Table said(HookedTransformer reader, List<String> prompts, List<Tokens> tokens) {
        StringColumn next = StringColumn.create("next token");
        DoubleColumn probability = DoubleColumn.create("probability");
        for (Tokens each : tokens) {
            Prediction likeliest = NextTokens.of(reader, each, 1).top().get(0);
            next.append(TokenLabels.visible(likeliest.token()));
            probability.append(likeliest.probability());
        }
        return table(prompts, tokens).addColumns(next, probability);
    }
}
