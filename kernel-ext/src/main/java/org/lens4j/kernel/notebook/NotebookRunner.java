package org.lens4j.kernel.notebook;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Consumer;
import org.lens4j.kernel.client.CellRun;
import org.lens4j.kernel.client.KernelDied;
import org.lens4j.kernel.client.Output;

/**
 * Runs a notebook's code cells in order in a kernel and collects what they put out, as Jupyter would. Stops at the first
 * error, unless it was allowed; always hands back the notebook as far as it came.
 *
 * <pre>{@code
 * try (KernelClient kernel = KernelClient.start(command)) {
 *     NotebookRun run = new NotebookRunner(kernel::execute, RunOptions.defaults(), err).run(notebook);
 * }
 * }</pre>
 */
public final class NotebookRunner {
    /** Where cells are run; {@code KernelClient::execute} is one. */
    @FunctionalInterface
    public interface CellExecutor {
        /**
         * Runs one cell to its end.
         *
         * @param code the cell's source
         * @param live sees every output as it comes
         * @param timeout after which the cell is interrupted
         * @throws KernelDied if the kernel ended
         */
        CellRun execute(String code, Consumer<Output> live, Duration timeout);
    }

    private static final Set<String> MAY_FAIL = Set.of("raises-exception", "expect-error");
    private static final int SHOWN_SOURCE = 60;

    private final CellExecutor kernel;
    private final RunOptions options;
    private final PrintWriter progress;

    /**
     * Makes a runner.
     *
     * @param kernel where the cells are run
     * @param options when to stop
     * @param progress gets one line per cell
     */
    public NotebookRunner(CellExecutor kernel, RunOptions options, PrintWriter progress) {
        this.kernel = kernel;
        this.options = options;
        this.progress = progress;
    }

    /**
     * Runs all code cells, or those up to the one that stops the run.
     *
     * @param notebook is not changed
     * @return what came of it; a failing cell is a result, not an exception
     */
    public NotebookRun run(Notebook notebook) {
        List<Ran> cells = new ArrayList<>();
        Optional<NotebookRun.Stop> stop = Optional.empty();
        int codeCells =
                (int) notebook.cells().stream().filter(NotebookRunner::isRun).count();
        int ran = 0;
        for (Cell cell : notebook.cells()) {
            if (!isRun(cell) || stop.isPresent()) {
                cells.add(Ran.not(cell));
                continue;
            }
            ran++;
            progress.printf("[%d/%d] %s ", ran, codeCells, firstLine(cell.source()));
            progress.flush();
            Ran now = run(cell);
            progress.printf("%.1f s%s%n", now.took().toMillis() / 1000.0, now.failed() ? ", failed" : "");
            cells.replaceAll(earlier -> earlier.updatedBy(now.updates()));
            cells.add(now);
            if (now.failed() && !(now.recoverable() && mayFail(cell))) {
                stop = Optional.of(new NotebookRun.Stop(ran, cell.source(), now.failure()));
            }
        }
        int failed = (int) cells.stream().filter(Ran::failed).count();
        Duration took = cells.stream().map(Ran::took).reduce(Duration.ZERO, Duration::plus);
        Notebook executed = notebook.withCells(cells.stream().map(Ran::executed).toList());
        return new NotebookRun(executed, codeCells, ran, failed, stop, took);
    }

    private Ran run(Cell cell) {
        long start = System.nanoTime();
        try {
            CellRun run = kernel.execute(cell.source(), output -> {}, options.timeout());
            return switch (run.status()) {
                case OK -> Ran.of(cell, run, "", true);
                case ERROR ->
                    Ran.of(
                            cell,
                            run,
                            run.error()
                                    .map(NotebookRunner::describe)
                                    .orElse("The kernel reports an error and no more."),
                            true);
                case ABORTED -> Ran.of(cell, run, "The kernel did not run the cell: one before it had failed.", false);
                case TIMED_OUT ->
                    Ran.of(
                            cell,
                            run,
                            "The cell was interrupted after %d s. Give it more time with --timeout SECONDS."
                                    .formatted(options.timeout().toSeconds()),
                            false);
            };
        } catch (KernelDied e) {
            Duration took = Duration.ofNanos(System.nanoTime() - start);
            return new Ran(
                    cell, OptionalInt.empty(), List.of(), List.of(), String.valueOf(e.getMessage()), false, took);
        }
    }

    private boolean mayFail(Cell cell) {
        return options.allowErrors() || cell.tags().stream().anyMatch(MAY_FAIL::contains);
    }

    private static boolean isRun(Cell cell) {
        return cell.kind() == Cell.Kind.CODE && !cell.source().isBlank();
    }

    private static String describe(Output.ErrorOutput error) {
        String text = error.traceback().isEmpty()
                ? error.ename() + ": " + error.evalue()
                : String.join("\n", error.traceback());
        return text.replaceAll("\u001b\\[[0-9;]*[A-Za-z]", "").strip();
    }

    private static String firstLine(String source) {
        String line = source.strip().lines().findFirst().orElse("");
        return line.length() <= SHOWN_SOURCE ? line : line.substring(0, SHOWN_SOURCE - 1) + "…";
    }

    /**
     * A cell and what it did.
     *
     * @param cell as it was
     * @param count the number in the brackets; empty if it has none
     * @param outputs what stands under it
     * @param updates what it changed in the displays of cells before it
     * @param failure what went wrong; blank if nothing did
     * @param recoverable whether the kernel can take another cell
     * @param took how long it ran
     */
    private record Ran(
            Cell cell,
            OptionalInt count,
            List<Output> outputs,
            List<Output.UpdateDisplay> updates,
            String failure,
            boolean recoverable,
            Duration took) {
        static Ran not(Cell cell) {
            return new Ran(cell, OptionalInt.empty(), List.of(), List.of(), "", true, Duration.ZERO);
        }

        static Ran of(Cell cell, CellRun run, String failure, boolean recoverable) {
            OptionalInt count = run.executionCount() > 0 ? OptionalInt.of(run.executionCount()) : OptionalInt.empty();
            return new Ran(
                    cell, count, run.folded(), run.all(Output.UpdateDisplay.class), failure, recoverable, run.took());
        }

        boolean failed() {
            return !failure.isBlank();
        }

        Ran updatedBy(List<Output.UpdateDisplay> later) {
            List<Output> updated = new ArrayList<>(outputs);
            for (Output.UpdateDisplay update : later) {
                updated.replaceAll(old -> old instanceof Output.DisplayData shown
                                && shown.displayId().equals(Optional.of(update.displayId()))
                        ? new Output.DisplayData(update.data(), update.metadata(), shown.displayId())
                        : old);
            }
            return new Ran(cell, count, updated, updates, failure, recoverable, took);
        }

        Cell executed() {
            if (cell.kind() != Cell.Kind.CODE) {
                return cell;
            }
            List<CellOutput> stored = new ArrayList<>();
            outputs.forEach(output -> stored(output).ifPresent(stored::add));
            if (failed() && outputs.stream().noneMatch(Output.ErrorOutput.class::isInstance)) {
                stored.add(new CellOutput.Failure(
                        "CellStopped", failure, failure.lines().toList()));
            }
            return cell.executed(count, stored);
        }

        private static Optional<CellOutput> stored(Output output) {
            if (output instanceof Output.Stream stream) {
                return Optional.of(new CellOutput.Printed(stream.name(), stream.text()));
            }
            if (output instanceof Output.DisplayData shown) {
                return Optional.of(new CellOutput.Shown(json(shown.data()), shown.metadata(), OptionalInt.empty()));
            }
            if (output instanceof Output.ExecuteResult result) {
                return Optional.of(new CellOutput.Shown(
                        json(result.data()), result.metadata(), OptionalInt.of(result.executionCount())));
            }
            if (output instanceof Output.ErrorOutput error) {
                return Optional.of(new CellOutput.Failure(error.ename(), error.evalue(), error.traceback()));
            }
            return Optional.empty();
        }

        private static JsonObject json(Map<String, JsonElement> data) {
            JsonObject json = new JsonObject();
            data.forEach(json::add);
            return json;
        }
    }
}
