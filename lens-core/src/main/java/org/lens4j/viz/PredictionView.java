package org.lens4j.viz;

import java.util.ArrayList;
import java.util.List;
import org.lens4j.analysis.logits.NextTokens;
import org.lens4j.analysis.logits.Prediction;
import org.lens4j.text.TokenLabels;
import org.lens4j.viz.BarChart.Bar;
import org.lens4j.viz.TextTable.Side;
import tech.tablesaw.api.FloatColumn;
import tech.tablesaw.api.IntColumn;
import tech.tablesaw.api.StringColumn;
import tech.tablesaw.api.Table;

/**
 * The likeliest next tokens, as bars and as a table.
 *
 * <pre>{@code
 * NextTokens next = lens.next(prompt, 10);
 * Rendering shown = PredictionView.of(next);
 * Table table = PredictionView.table(next);   // rank, token, token_id, probability, logit
 * }</pre>
 */
public final class PredictionView {
    private static final int MOST_BARS = 40;
    private static final int PROMPT = 80;

    private PredictionView() {}

    /**
     * The candidates; of more than 40 the picture shows the first 40.
     *
     * @param next likeliest first
     */
    public static Rendering of(NextTokens next) {
        if (next.top().isEmpty()) {
            return Rendering.of(text(next));
        }
        List<Bar> bars = new ArrayList<>();
        for (Prediction one : next.top()) {
            String token = TokenLabels.visible(one.token());
            String tip = "%s : %s\nrank %d, logit %s, token id %d"
                    .formatted(token, probability(one), one.rank(), logit(one), one.tokenId());
            bars.add(new Bar(token, one.probability(), probability(one), tip));
        }
        List<Bar> first = bars.subList(0, Math.min(MOST_BARS, bars.size()));
        Heading heading = Heading.of(title(next), "probability");
        if (first.size() < bars.size()) {
            heading = heading.with("Shown: the first %d of %d.".formatted(first.size(), bars.size()));
        }
        BarChart chart = new BarChart(heading, first, 1);
        return Figure.of(alt(next), chart.png(), text(next), chart.html()).rendering();
    }

    /**
     * The candidates as a table.
     *
     * @param next likeliest first
     * @return the columns rank, token (its visible form), token_id, probability, logit
     */
    public static Table table(NextTokens next) {
        IntColumn rank = IntColumn.create("rank");
        StringColumn token = StringColumn.create("token");
        IntColumn id = IntColumn.create("token_id");
        FloatColumn probability = FloatColumn.create("probability");
        FloatColumn logit = FloatColumn.create("logit");
        for (Prediction one : next.top()) {
            rank.append(one.rank());
            token.append(TokenLabels.visible(one.token()));
            id.append(one.tokenId());
            probability.append(one.probability());
            logit.append(one.logit());
        }
        return Table.create("Next token", rank, token, id, probability, logit);
    }

    private static String title(NextTokens next) {
        String prompt = TokenLabels.visible(next.prompt()).replace('·', ' ').strip();
        int length = prompt.codePointCount(0, prompt.length());
        if (length <= PROMPT) {
            return "Next token after “" + prompt + "”";
        }
        String end = prompt.substring(prompt.offsetByCodePoints(0, length - PROMPT));
        // A whole word comes first, unless there is none.
        return "Next token after “…" + end.substring(end.indexOf(' ') + 1) + "”";
    }

    private static String text(NextTokens next) {
        TextTable table = new TextTable(List.of(Side.RIGHT, Side.LEFT, Side.RIGHT, Side.RIGHT, Side.LEFT))
                .row("rank", "token", "p", "logit", "");
        for (Prediction one : next.top()) {
            table.row(
                    Integer.toString(one.rank()),
                    TokenText.shortened(TokenLabels.visible(one.token())),
                    probability(one),
                    logit(one),
                    "█".repeat(Math.round(one.probability() * 30)));
        }
        return title(next) + "\n" + table.text();
    }

    private static String probability(Prediction one) {
        return Numerals.fine(one.probability());
    }

    private static String logit(Prediction one) {
        return String.format(java.util.Locale.ROOT, "%.2f", one.logit());
    }

    private static String alt(NextTokens next) {
        Prediction first = next.top().get(0);
        return "%s: bars of the %d likeliest tokens, first %s with %s."
                .formatted(title(next), next.top().size(), TokenLabels.visible(first.token()), probability(first));
    }
}
