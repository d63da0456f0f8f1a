package org.lens4j.kernel.client;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.zeromq.ZMQ;

/**
 * A running kernel process and the connection to it.
 *
 * <pre>{@code
 * try (KernelClient kernel = KernelClient.start(List.of("java", "-cp", cp, "…KernelMain", "{connection_file}"))) {
 *     CellRun run = kernel.execute("1 + 1", output -> {}, Duration.ofSeconds(30));   // run.resultText() is "2"
 * }
 * }</pre>
 *
 * <p>Requests wait for each other; {@link #interrupt} may be called from any thread meanwhile.
 */
public final class KernelClient implements AutoCloseable {
    private static final Duration START_PATIENCE = Duration.ofSeconds(60);
    private static final Duration ANSWER_PATIENCE = Duration.ofSeconds(30);
    private static final Duration INTERRUPT_PATIENCE = Duration.ofSeconds(10);
    private static final Duration END_PATIENCE = Duration.ofSeconds(5);
    private static final int START_ATTEMPTS = 3;
    private static final long TICK_MS = 50;

    /** What the kernel offers at a cursor: replacements for {@code code[start, end)}, in Unicode code points. */
    public record Completions(List<String> matches, int start, int end) {
        public Completions {
            matches = List.copyOf(matches);
        }
    }

    /** Whether a console may run a piece of code: complete, incomplete (then with an indent), invalid or unknown. */
    public record Completeness(String status, String indent) {}

    private final KernelProcess process;
    private final Sockets sockets;
    private final ReentrantLock turn = new ReentrantLock();
    private JsonObject kernelInfo = new JsonObject();

    private KernelClient(KernelProcess process, Sockets sockets) {
        this.process = process;
        this.sockets = sockets;
    }

    /** Starts a kernel in the current directory and waits up to 60 seconds until it answers. */
    public static KernelClient start(List<String> command) throws IOException {
        return start(command, Path.of("").toAbsolutePath(), Map.of(), START_PATIENCE);
    }

    /**
     * Starts a kernel and waits until it answers.
     *
     * @param command the command line; {@code {connection_file}} stands for the path of the connection file
     * @param directory its working directory
     * @param environment variables added to this process's own
     * @param patience how long to wait for the first answer
     * @throws KernelDied when it ends, or gives no answer, before that
     * @throws IOException when the program cannot be started
     */
    public static KernelClient start(
            List<String> command, Path directory, Map<String, String> environment, Duration patience)
            throws IOException {
        for (int attempt = 1; ; attempt++) {
            try {
                return startOnce(command, directory, environment, patience);
            } catch (KernelDied e) {
                // Another process may have taken one of the free ports in between; new ports are all it needs.
                boolean portTaken = String.valueOf(e.getMessage()).contains("Address already in use");
                if (!portTaken || attempt == START_ATTEMPTS) {
                    throw e;
                }
            }
        }
    }

    private static KernelClient startOnce(
            List<String> command, Path directory, Map<String, String> environment, Duration patience)
            throws IOException {
        try (ConnectionFile file = ConnectionFile.create()) {
            List<String> line = command.stream()
                    .map(word -> word.replace("{connection_file}", file.path().toString()))
                    .toList();
            KernelProcess process = KernelProcess.start(line, directory, environment);
            KernelClient client = new KernelClient(process, new Sockets(file));
            try {
                client.awaitReady(patience);
                return client;
            } catch (RuntimeException e) {
                client.close();
                throw e;
            }
        }
    }

    /** Ready means that requests are answered and that what is published arrives. */
    private void awaitReady(Duration patience) {
        long deadline = System.nanoTime() + patience.toNanos();
        boolean answered = false;
        boolean heard = false;
        sockets.send(sockets.shell, "kernel_info_request", new JsonObject());
        while (!answered || !heard) {
            if (!process.isAlive()) {
                throw process.died("ended before it answered");
            }
            if (System.nanoTime() > deadline) {
                throw process.died("did not answer within " + patience.toSeconds() + " s");
            }
            sockets.await(TICK_MS, sockets.shell, sockets.iopub);
            heard |= sockets.receive(sockets.iopub).isPresent();
            Optional<Frames.Message> reply = sockets.receive(sockets.shell);
            if (reply.isPresent()) {
                answered = true;
                kernelInfo = reply.get().content();
            }
            if (answered && !heard) {
                sockets.send(sockets.shell, "kernel_info_request", new JsonObject());
            }
        }
    }

    /** Runs one cell; {@code live} sees every output as it comes. A cell that needs longer is interrupted. */
    public CellRun execute(String code, Consumer<Output> live, Duration timeout) {
        return execute(code, live, timeout, Optional.empty());
    }

    /** As {@link #execute(String, Consumer, Duration)}, with answers to the input the cell asks for, by prompt. */
    public CellRun execute(String code, Consumer<Output> live, Duration timeout, UnaryOperator<String> stdin) {
        return execute(code, live, timeout, Optional.of(stdin));
    }

    private CellRun execute(
            String code, Consumer<Output> live, Duration timeout, Optional<UnaryOperator<String>> stdin) {
        JsonObject content = new JsonObject();
        content.addProperty("code", code);
        content.addProperty("silent", false);
        content.addProperty("store_history", true);
        content.add("user_expressions", new JsonObject());
        content.addProperty("allow_stdin", stdin.isPresent());
        content.addProperty("stop_on_error", true);
        turn.lock();
        try {
            Running cell = new Running(sockets.send(sockets.shell, "execute_request", content), live);
            if (follow(cell, timeout, stdin)) {
                return cell.finished(false);
            }
            interrupt();
            follow(cell, cell.age().plus(INTERRUPT_PATIENCE), stdin);
            return cell.finished(true);
        } finally {
            turn.unlock();
        }
    }

    /** Reads until the request is over (true) or older than {@code timeout} (false). */
    private boolean follow(Running request, Duration timeout, Optional<UnaryOperator<String>> stdin) {
        while (true) {
            for (var m = sockets.receive(sockets.iopub); m.isPresent(); m = sockets.receive(sockets.iopub)) {
                request.published(m.get());
            }
            for (var m = sockets.receive(sockets.shell); m.isPresent(); m = sockets.receive(sockets.shell)) {
                request.replied(m.get());
            }
            for (var m = sockets.receive(sockets.stdin); m.isPresent(); m = sockets.receive(sockets.stdin)) {
                answer(m.get(), stdin);
            }
            if (request.isOver()) {
                return true;
            }
            if (request.age().compareTo(timeout) > 0) {
                return false;
            }
            if (!process.isAlive()) {
                throw process.died("ended while it worked on a request");
            }
            sockets.await(TICK_MS, sockets.shell, sockets.iopub, sockets.stdin);
        }
    }

    private void answer(Frames.Message question, Optional<UnaryOperator<String>> stdin) {
        if (stdin.isEmpty() || !question.type().equals("input_request")) {
            return;
        }
        JsonObject reply = new JsonObject();
        reply.addProperty("status", "ok");
        reply.addProperty("value", stdin.get().apply(Running.string(question.content(), "prompt")));
        sockets.send(sockets.stdin, "input_reply", question.header(), reply);
    }

    /** Sends a request on the shell socket and gives the content of its reply. */
    JsonObject ask(String type, JsonObject content) {
        turn.lock();
        try {
            return ask(sockets.shell, type, content, ANSWER_PATIENCE);
        } finally {
            turn.unlock();
        }
    }

    private JsonObject ask(ZMQ.Socket socket, String type, JsonObject content, Duration patience) {
        String id = sockets.send(socket, type, content);
        long deadline = System.nanoTime() + patience.toNanos();
        while (System.nanoTime() < deadline) {
            sockets.await(TICK_MS, socket);
            for (var m = sockets.receive(socket); m.isPresent(); m = sockets.receive(socket)) {
                if (m.get().parent().equals(id)) {
                    return m.get().content();
                }
            }
            if (!process.isAlive()) {
                throw process.died("ended before it answered a " + type);
            }
        }
        throw process.died("gave no answer to a " + type + " within " + patience.toSeconds() + " s");
    }

    /** What may stand at {@code cursor} (in Unicode code points). */
    public Completions complete(String code, int cursor) {
        JsonObject content = new JsonObject();
        content.addProperty("code", code);
        content.addProperty("cursor_pos", cursor);
        JsonObject reply = ask("complete_request", content);
        return new Completions(
                Running.strings(reply, "matches"),
                reply.get("cursor_start").getAsInt(),
                reply.get("cursor_end").getAsInt());
    }

    /** The text/plain shown for the name at {@code cursor}, where the kernel knows it. */
    public Optional<String> inspect(String code, int cursor) {
        JsonObject content = new JsonObject();
        content.addProperty("code", code);
        content.addProperty("cursor_pos", cursor);
        content.addProperty("detail_level", 0);
        JsonObject reply = ask("inspect_request", content);
        boolean found = reply.has("found") && reply.get("found").getAsBoolean();
        return found ? Optional.of(Running.string(Running.object(reply, "data"), "text/plain")) : Optional.empty();
    }

    /** Whether {@code code} can be run as it is. */
    public Completeness isComplete(String code) {
        JsonObject content = new JsonObject();
        content.addProperty("code", code);
        JsonObject reply = ask("is_complete_request", content);
        return new Completeness(Running.string(reply, "status"), Running.string(reply, "indent"));
    }

    /** The content of the kernel's kernel_info_reply. */
    public JsonObject kernelInfo() {
        return kernelInfo.deepCopy();
    }

    /** Asks the kernel to stop the running cell. */
    public void interrupt() {
        sockets.send(sockets.control, "interrupt_request", new JsonObject());
    }

    /** Whether the kernel process is there. */
    public boolean isAlive() {
        return process.isAlive();
    }

    /** Whether the kernel echoes a heartbeat within this time. */
    public boolean beats(Duration patience) {
        return sockets.beats(patience.toMillis());
    }

    /** The kernel's process id. */
    public long pid() {
        return process.pid();
    }

    /** The last lines the process wrote outside the protocol; a quiet kernel has none. */
    public String processOutput() {
        return process.lastLines();
    }

    Sockets sockets() {
        return sockets;
    }

    /** Asks the kernel to end, ends it if it does not, and removes what was made for it. */
    @Override
    public void close() {
        try {
            if (process.isAlive()) {
                JsonObject content = new JsonObject();
                content.addProperty("restart", false);
                sockets.send(sockets.control, "shutdown_request", content);
            }
            process.end(END_PATIENCE);
        } catch (UncheckedIOException e) {
            process.end(Duration.ZERO);
        } finally {
            sockets.close();
        }
    }
}
