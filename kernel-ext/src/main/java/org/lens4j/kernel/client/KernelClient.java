package org.lens4j.kernel.client;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/**
 * A running kernel process and the connection to it.
 *
 * <pre>{@code
 * try (KernelClient kernel = KernelClient.start(List.of("java", "-cp", cp, "…KernelMain", "{connection_file}"))) {
 *     CellRun run = kernel.execute("1 + 1", output -> {}, Duration.ofSeconds(30));   // run.resultText() is "2"
 * }
 * }</pre>
 *
 * <p>One thread executes at a time; {@link #interrupt} may be called from any other meanwhile.
 */
public final class KernelClient implements AutoCloseable {

    /** What the kernel offers at a cursor: replacements for {@code code[start, end)}. */
    public record Completions(List<String> matches, int start, int end) {
        public Completions {
            matches = List.copyOf(matches);
        }
    }

    /** Whether a console may run a piece of code: complete, incomplete (then with an indent), invalid or unknown. */
    public record Completeness(String status, String indent) {}

    /** Starts a kernel in the current directory and waits up to 60 seconds until it answers. */
    public static KernelClient start(List<String> command) throws IOException {
        return start(command, Path.of("").toAbsolutePath(), Map.of(), Duration.ofSeconds(60));
    }

    /**
     * Starts a kernel and waits until it answers.
     *
     * @param command the command line; {@code {connection_file}} stands for the path of the connection file
     * @param directory its working directory
     * @param environment variables added to this process's own
     * @param patience how long to wait for the first answer
     * @throws KernelDied when it ends, or gives no answer, before that
     */
    public static KernelClient start(
            List<String> command, Path directory, Map<String, String> environment, Duration patience)
            throws IOException {
        throw new UnsupportedOperationException("next commit");
    }

    /** Runs one cell; {@code live} sees every output as it comes. A cell that needs longer is interrupted. */
    public CellRun execute(String code, Consumer<Output> live, Duration timeout) {
        throw new UnsupportedOperationException("next commit");
    }

    /** As {@link #execute(String, Consumer, Duration)}, with answers to the input the cell asks for, by prompt. */
    public CellRun execute(String code, Consumer<Output> live, Duration timeout, UnaryOperator<String> stdin) {
        throw new UnsupportedOperationException("next commit");
    }

    /** What may stand at {@code cursor} (in Unicode code points). */
    public Completions complete(String code, int cursor) {
        throw new UnsupportedOperationException("next commit");
    }

    /** The text/plain shown for the name at {@code cursor}, where the kernel knows it. */
    public Optional<String> inspect(String code, int cursor) {
        throw new UnsupportedOperationException("next commit");
    }

    /** Whether {@code code} can be run as it is. */
    public Completeness isComplete(String code) {
        throw new UnsupportedOperationException("next commit");
    }

    /** The content of the kernel's kernel_info_reply. */
    public JsonObject kernelInfo() {
        throw new UnsupportedOperationException("next commit");
    }

    /** Asks the kernel to stop the running cell. */
    public void interrupt() {
        throw new UnsupportedOperationException("next commit");
    }

    /** Whether the kernel process is there. */
    public boolean isAlive() {
        throw new UnsupportedOperationException("next commit");
    }

    /** The kernel's process id. */
    public long pid() {
        throw new UnsupportedOperationException("next commit");
    }

    /** Asks the kernel to end, ends it if it does not, and removes what was made for it. */
    @Override
    public void close() {
        throw new UnsupportedOperationException("next commit");
    }
}
