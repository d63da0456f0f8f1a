package org.lens4j.kernel.display;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.lens4j.analysis.logits.NextTokens;
import org.lens4j.analysis.prompts.PromptPairs;
import org.lens4j.cache.CachePlan;
import org.lens4j.generate.Generation;
import org.lens4j.hook.HookName;
import org.lens4j.text.Tokens;
import org.lens4j.viz.GridFile;
import org.lens4j.viz.PredictionView;
import org.lens4j.viz.Rendering;
import tech.tablesaw.api.DoubleColumn;
import tech.tablesaw.api.StringColumn;
import tech.tablesaw.api.Table;

/**
 * Any value in a file, as a notebook shows it: {@code .png}, {@code .html} and {@code .txt}; one that is a table also as
 * {@code .csv} and {@code .json}.
 *
 * <pre>{@code ResultFile.write(lens.next(10), "next", Path.of("next.csv"));}</pre>
 */
public final class ResultFile {
    private ResultFile() {}

    /**
     * Writes it.
     *
     * @param title of a page
     * @param file its folder is made if it is missing, and a file of that name is replaced
     * @return the file
     * @throws org.lens4j.error.UsageException if its name says no form, or one this value does not have
     */
    public static Path write(Object result, String title, Path file) throws IOException {
        Optional<Table> table = GridFile.holdsData(file) ? table(result) : Optional.empty();
        return table.isPresent()
                ? GridFile.write(table.get(), file)
                : GridFile.write(rendering(LensDisplays.standard().of(result)), title, file);
    }

    private static Rendering rendering(MimeBundle shown) {
        Rendering text = Rendering.of(shown.plain());
        Rendering page = Optional.ofNullable(shown.data().get(MimeBundle.HTML))
                .map(text::withHtml)
                .orElse(text);
        return Optional.ofNullable(shown.data().get(MimeBundle.PNG))
                .map(it -> page.withPng(Base64.getMimeDecoder().decode(it), ""))
                .orElse(page);
    }

    private static Optional<Table> table(Object result) {
        if (result instanceof NextTokens next) {
            return Optional.of(PredictionView.table(next));
        }
        if (result instanceof Tokens tokens) {
            return Optional.of(LensDisplays.table(tokens));
        }
        if (result instanceof Generation generation) {
            return Optional.of(table(generation));
        }
        if (result instanceof CachePlan plan) {
            return Optional.of(SessionDisplays.table(plan));
        }
        if (result instanceof PromptPairs pairs) {
            return Optional.of(WritingDisplays.table(pairs));
        }
        if (result instanceof List<?> list) {
            return table(list);
        }
        return result instanceof Table table ? Optional.of(table) : Optional.empty();
    }

    private static Table table(Generation generation) {
        StringColumn prompt = StringColumn.create("prompt");
        StringColumn text = StringColumn.create("text");
        generation.rows().forEach(it -> {
            prompt.append(it.prompt());
            text.append(it.text());
        });
        return Table.create("Written", prompt, text);
    }

    private static Optional<Table> table(Collection<?> list) {
        if (list.isEmpty()) {
            return Optional.empty();
        }
        if (list.stream().allMatch(HookName.class::isInstance)) {
            return Optional.of(
                    LensDisplays.table(list.stream().map(HookName.class::cast).toList()));
        }
        if (list.stream().allMatch(String.class::isInstance)) {
            return Optional.of(Table.create(
                    "Texts", StringColumn.create("text", list.stream().map(String.class::cast))));
        }
        if (list.stream().allMatch(Number.class::isInstance)) {
            double[] numbers = list.stream()
                    .map(Number.class::cast)
                    .mapToDouble(Number::doubleValue)
                    .toArray();
            return Optional.of(Table.create("Numbers", DoubleColumn.create("value", numbers)));
        }
        return Optional.empty();
    }
}
