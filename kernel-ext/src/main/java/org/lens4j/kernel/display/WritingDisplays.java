package org.lens4j.kernel.display;

import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.lens4j.analysis.logits.LensReading;
import org.lens4j.analysis.prompts.PromptPair;
import org.lens4j.analysis.prompts.PromptPairs;
import org.lens4j.analysis.prompts.TestedPrompt;
import org.lens4j.generate.Generation;
import org.lens4j.generate.Steering;
import org.lens4j.text.AnswerToken;
import org.lens4j.text.TokenLabels;
import org.lens4j.viz.LogitLensView;
import org.lens4j.viz.PredictionView;
import org.lens4j.viz.Rendering;
import org.lens4j.viz.TableView;
import tech.tablesaw.api.DoubleColumn;
import tech.tablesaw.api.IntColumn;
import tech.tablesaw.api.StringColumn;
import tech.tablesaw.api.Table;

/** How prompts, their answers and what a model wrote look in a notebook. */
final class WritingDisplays {
    private WritingDisplays() {}

    /** Adds them. */
    static Displays on(Displays displays) {
        return displays.with(Generation.class, it -> MimeBundle.text(written(it)))
                .with(Steering.class, it -> MimeBundle.text(steering(it)))
                .with(LensReading.class, it -> Renderings.bundle(LogitLensView.of(it)))
                .with(TestedPrompt.class, WritingDisplays::tested)
                .with(PromptPairs.class, it -> Renderings.bundle(TableView.of(table(it))));
    }

    private static String steering(Steering steering) {
        double squares =
                steering.direction().stream().mapToDouble(it -> it * it).sum();
        return String.format(
                Locale.ROOT,
                "Steering at %s: a direction of %d numbers and length %.3f, times %s.",
                steering.point(),
                steering.direction().size(),
                Math.sqrt(squares),
                steering.strength());
    }

    private static String written(Generation generation) {
        return generation.rows().stream()
                .map(it -> "%s%s  [%s]"
                        .formatted(
                                it.prompt(),
                                it.text().isEmpty() ? " " + it.ids() : it.text(),
                                it.reason().name().toLowerCase(Locale.ROOT).replace('_', ' ')))
                .collect(Collectors.joining("\n"));
    }

    private static MimeBundle tested(TestedPrompt tested) {
        Rendering answers = TableView.of(answers(tested));
        Rendering next = PredictionView.of(tested.next());
        String text = Stream.of(List.of(answers.text()), tested.notes(), List.of(next.text()))
                .flatMap(List::stream)
                .collect(Collectors.joining("\n\n"));
        MimeBundle bundle = MimeBundle.text(text);
        String notes = Renderings.paragraphs(tested.notes());
        return answers.html()
                .flatMap(table -> next.html().map(bars -> bundle.withHtml(table + notes + bars)))
                .orElse(bundle);
    }

    private static Table answers(TestedPrompt tested) {
        StringColumn answer = StringColumn.create("answer");
        StringColumn token = StringColumn.create("token");
        IntColumn rank = IntColumn.create("rank");
        DoubleColumn probability = DoubleColumn.create("probability");
        DoubleColumn logit = DoubleColumn.create("logit");
        for (TestedPrompt.Tested each : tested.answers()) {
            for (TestedPrompt.Scored scored : each.tokens()) {
                answer.append(TokenLabels.visible(each.text()));
                token.append(TokenLabels.visible(scored.token()));
                rank.append(scored.rank());
                probability.append(scored.probability());
                logit.append(scored.logit());
            }
        }
        return Table.create("Answers", answer, token, rank, probability, logit);
    }

    static Table table(PromptPairs pairs) {
        StringColumn clean = StringColumn.create("clean");
        StringColumn corrupted = StringColumn.create("corrupted");
        StringColumn answer = StringColumn.create("answers");
        StringColumn wrong = StringColumn.create("wrong");
        IntColumn tokens = IntColumn.create("tokens");
        for (PromptPair pair : pairs.pairs()) {
            clean.append(pair.clean());
            corrupted.append(pair.corrupted());
            answer.append(words(pair.answers()));
            wrong.append(words(pair.wrong()));
            tokens.append(pair.cleanTokens().pos());
        }
        String title = "%d prompt pairs: %s, seed %d".formatted(pairs.size(), pairs.task(), pairs.seed());
        return Table.create(title, clean, corrupted, answer, wrong, tokens);
    }

    /** Many years are later than one: the first few say enough. */
    private static String words(List<AnswerToken> answers) {
        String first = answers.stream()
                .limit(3)
                .map(it -> TokenLabels.visible(it.text()))
                .collect(Collectors.joining(", "));
        return answers.size() > 3 ? "%s, … %d in all".formatted(first, answers.size()) : first;
    }
}
