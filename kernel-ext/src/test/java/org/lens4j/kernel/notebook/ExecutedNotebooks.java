package org.lens4j.kernel.notebook;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.lens4j.kernel.client.CellRun;
import org.lens4j.kernel.client.KernelClient;
import org.lens4j.kernel.host.KernelMain;
import org.lens4j.kernel.host.KernelSpec;

/** The notebooks of the course, each run once in the bundled kernel, however many tests look at it. */
final class ExecutedNotebooks {
    static final Path FOLDER = Path.of(System.getProperty("lens.home", "..")).resolve("notebooks");

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Map<String, Executed> ALL = new ConcurrentHashMap<>();

    private ExecutedNotebooks() {}

    /**
     * One notebook.
     *
     * @param notebook with its outputs
     * @param stop why it was not run to its end, and what was said on the way; empty if it was
     * @param replies what cells that were run behind its last one printed, by their code
     */
    record Executed(Notebook notebook, String stop, Map<String, String> replies) {}

    /** Every file of the course. */
    static List<Path> files() {
        try (Stream<Path> files = Files.list(FOLDER)) {
            return files.filter(it -> it.toString().endsWith(".ipynb")).sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The command that starts the kernel. */
    static List<String> kernel() {
        return KernelSpec.ofThisJava(System.getProperty("java.class.path"), KernelMain.class.getName())
                .argv();
    }

    /** A notebook of the course with its outputs. */
    static Executed of(String name) {
        return ALL.computeIfAbsent(name, ExecutedNotebooks::run);
    }

    private static Executed run(String name) {
        StringWriter progress = new StringWriter();
        try (KernelClient kernel = KernelClient.start(kernel(), FOLDER.toAbsolutePath(), Map.of(), PATIENCE)) {
            NotebookRun run = new NotebookRunner(
                            kernel::execute, RunOptions.defaults(), new PrintWriter(progress, true))
                    .run(Notebook.read(FOLDER.resolve(name)));
            Map<String, String> replies = new LinkedHashMap<>();
            for (WrongAnswer wrong : WrongAnswer.ALL) {
                if (wrong.notebook().equals(name)) {
                    CellRun reply = kernel.execute(wrong.cell(), output -> {}, PATIENCE);
                    replies.put(
                            wrong.cell(),
                            reply.printed("stdout")
                                    + reply.error().map(Object::toString).orElse(""));
                }
            }
            return new Executed(run.notebook(), run.stop().isEmpty() ? "" : run.stop() + "\n" + progress, replies);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What a cell of a notebook printed. */
    static String printed(Cell cell) {
        StringBuilder text = new StringBuilder();
        for (CellOutput output : cell.outputs()) {
            if (output instanceof CellOutput.Printed printed) {
                text.append(printed.text());
            }
        }
        return text.toString();
    }
}
