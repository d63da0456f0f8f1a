package org.lens4j.viz;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.List;
import org.knowm.xchart.HorizontalBarChart;
import org.knowm.xchart.style.HorizontalBarStyler;
import org.lens4j.analysis.logits.NextTokens;
import org.lens4j.analysis.logits.Prediction;
import org.lens4j.text.TokenLabels;
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
    private static final int BAR_WIDTH = 360;
    private static final int BAR_HEIGHT = 24;
    private static final int MARGIN = 14;
    private static final int HEAD = 30;
    private static final int MOST_BARS = 40;
    private static final int HTML_BAR = 160;
    private static final int PROMPT = 60;

    private PredictionView() {}

    /**
     * The candidates; of more than 40 the picture shows the first 40.
     *
     * @param next likeliest first
     */
    public static Rendering of(NextTokens next) {
        Rendering words = Rendering.of(text(next)).withHtml(html(next));
        return next.top().isEmpty() ? words : words.withPng(png(next), alt(next));
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
        String end = length <= PROMPT ? prompt : "…" + prompt.substring(prompt.offsetByCodePoints(0, length - PROMPT));
        return "Next token after “" + end + "”";
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

    private static String html(NextTokens next) {
        StringBuilder out = new StringBuilder("<div style=\"overflow-x:auto\">"
                + "<table style=\"border-collapse:collapse;margin:0\">"
                + "<caption style=\"caption-side:top;text-align:left;white-space:nowrap;padding:0 0 4px 0\"><b>");
        out.append(TokenText.html(title(next))).append("</b></caption><thead><tr>");
        out.append(head("rank", "right")).append(head("token", "left"));
        out.append(head("probability", "left")).append(head("logit", "right"));
        out.append("</tr></thead><tbody>");
        for (Prediction one : next.top()) {
            String token = TokenLabels.visible(one.token());
            out.append("<tr title=\"token id ").append(one.tokenId()).append("\">");
            out.append(td("right", Integer.toString(one.rank())));
            out.append(td("left", "<code>" + TokenText.html(token) + "</code>"));
            out.append(td("left", bar(one) + " " + TokenText.html(probability(one))));
            out.append(td("right", logit(one))).append("</tr>");
        }
        return out.append("</tbody></table></div>").toString();
    }

    private static String bar(Prediction one) {
        int width = Math.max(1, Math.round(one.probability() * HTML_BAR));
        return "<span style=\"display:inline-block;width:" + HTML_BAR + "px;margin:0 6px 0 0\">"
                + "<span style=\"display:inline-block;width:" + width + "px;height:10px;background:"
                + Palette.hex(Palette.BAR) + "\"></span></span>";
    }

    private static String head(String name, String side) {
        return "<th scope=\"col\" style=\"padding:2px 10px;border-bottom:1px solid #808080;text-align:" + side + "\">"
                + name + "</th>";
    }

    private static String td(String side, String content) {
        return "<td style=\"padding:2px 10px;white-space:nowrap;text-align:" + side + "\">" + content + "</td>";
    }

    private static byte[] png(NextTokens next) {
        List<Prediction> top =
                next.top().subList(0, Math.min(MOST_BARS, next.top().size()));
        List<String> labels = top.stream()
                .map(one -> TokenText.shortened(TokenLabels.visible(one.token())))
                .toList();
        Graphics2D ruler = Ink.pen(Ink.page(1, 1));
        int left = Math.max(40, Ink.widest(ruler, Ink.LABEL, labels) + 8);
        int width = Math.max(left + BAR_WIDTH + 60, Ink.width(ruler, Ink.TITLE, title(next)));
        int height = top.size() * BAR_HEIGHT;
        BufferedImage image = Ink.page(width + 2 * MARGIN, HEAD + height + 2 * MARGIN);
        Graphics2D g = Ink.pen(image);
        g.translate(MARGIN, MARGIN);
        g.setFont(Ink.TITLE);
        g.setColor(Palette.INK);
        Ink.left(g, title(next), 0, 15);
        Graphics2D bars = (Graphics2D) g.create(left, HEAD, BAR_WIDTH, height);
        bars(top, height).paint(bars, BAR_WIDTH, height);
        bars.dispose();
        g.setFont(Ink.LABEL);
        for (int i = 0; i < top.size(); i++) {
            int middle = HEAD + i * BAR_HEIGHT + BAR_HEIGHT / 2;
            g.setColor(Palette.INK);
            Ink.right(g, labels.get(i), left - 6, middle);
            int end = left + Math.round(top.get(i).probability() * BAR_WIDTH);
            Ink.left(g, probability(top.get(i)), end + 6, middle + 4);
        }
        g.dispose();
        return Ink.png(image);
    }

    private static HorizontalBarChart bars(List<Prediction> top, int height) {
        HorizontalBarChart chart = new HorizontalBarChart(BAR_WIDTH, height);
        HorizontalBarStyler styler = chart.getStyler();
        styler.setLegendVisible(false);
        styler.setChartTitleVisible(false);
        styler.setAxisTicksVisible(false);
        styler.setAxisTitlesVisible(false);
        styler.setPlotGridLinesVisible(false);
        styler.setPlotBorderVisible(false);
        styler.setChartPadding(0);
        styler.setPlotMargin(0);
        styler.setPlotContentSize(1);
        styler.setAvailableSpaceFill(0.7);
        styler.setXAxisMin(0.0);
        styler.setXAxisMax(1.0);
        styler.setChartBackgroundColor(Palette.PAPER);
        styler.setPlotBackgroundColor(Palette.PAPER);
        styler.setSeriesColors(new Color[] {Palette.BAR});
        List<Float> probabilities = new ArrayList<>();
        List<Integer> ranks = new ArrayList<>();
        for (Prediction one : top) {
            probabilities.add(one.probability());
            ranks.add(one.rank());
        }
        chart.addSeries("probability", probabilities, ranks);
        return chart;
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
