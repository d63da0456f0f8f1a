package org.lens4j.kernel.host;

import com.google.gson.JsonObject;
import io.github.spencerpark.jupyter.channels.JupyterConnection;
import io.github.spencerpark.jupyter.channels.ShellReplyEnvironment;
import io.github.spencerpark.jupyter.kernel.BaseKernel;
import io.github.spencerpark.jupyter.kernel.LanguageInfo;
import io.github.spencerpark.jupyter.kernel.ReplacementOptions;
import io.github.spencerpark.jupyter.kernel.display.DisplayData;
import io.github.spencerpark.jupyter.kernel.history.HistoryManager;
import io.github.spencerpark.jupyter.messages.Message;
import io.github.spencerpark.jupyter.messages.MessageType;
import io.github.spencerpark.jupyter.messages.publish.PublishError;
import io.github.spencerpark.jupyter.messages.publish.PublishExecuteInput;
import io.github.spencerpark.jupyter.messages.publish.PublishExecuteResult;
import io.github.spencerpark.jupyter.messages.publish.PublishStatus;
import io.github.spencerpark.jupyter.messages.request.ExecuteRequest;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.lens4j.kernel.display.MimeBundle;

/** The Jupyter kernel that comes with Lens4J: Java cells by JShell, and the magics it is given. */
public final class BundledKernel extends BaseKernel implements AutoCloseable {
    private final Startup startup;
    private final CellThread thread = new CellThread();
    private final BlockingQueue<Object> desk = new LinkedBlockingQueue<>();
    private final Keyboard keyboard = new Keyboard(desk);
    private final CellHistory history = new CellHistory();
    private final Publishing publishing;
    private final Future<Session> session;
    private final Assistance assistance;
    private final AtomicBoolean closed = new AtomicBoolean();
    private Optional<Connection> connection = Optional.empty();

    /** The note on the desk that says the cell has ended. */
    private static final class CellOver {}

    /** Begins to make the session at once, in the background. */
    public BundledKernel(Startup startup) {
        this.startup = startup;
        this.publishing = new Publishing();
        this.session = thread.submit(() -> new Session(startup, thread, publishing));
        this.assistance = new Assistance(startup.magics(), startup.glossary());
        setShouldReplaceStdStreams(false);
    }

    @Override
    public void becomeHandlerForConnection(JupyterConnection to) {
        super.becomeHandlerForConnection(to);
        to.setHandler(MessageType.EXECUTE_REQUEST, this::execute);
        if (to instanceof Connection ours) {
            connection = Optional.of(ours);
            publishing.through(ours.outbox());
            System.setOut(publishing.out());
            System.setErr(publishing.err());
            System.setIn(keyboard);
        }
    }

    private void execute(ShellReplyEnvironment environment, Message<ExecuteRequest> message) {
        ExecuteRequest request = message.getContent();
        boolean silent = request.isSilent();
        CellText cell =
                new CellText(silent ? executionCount.get() : executionCount.getAndIncrement(), request.getCode());
        commManager.setMessageContext(message);
        publishing.begin(message);
        keyboard.allow(request.isStdinEnabled());
        environment.publish(PublishStatus.BUSY);
        if (!silent) {
            environment.publish(new PublishExecuteInput(cell.source(), cell.number()));
            history.add(cell);
        }
        try {
            Optional<MimeBundle> result = await(cell, message);
            if (result.isPresent() && !silent) {
                environment.publish(new PublishExecuteResult(cell.number(), ExecuteReplies.displayData(result.get())));
            }
            ExecuteReplies.ok(environment, message, cell.number(), expressions(request, message));
        } catch (CellFailure failure) {
            if (request.shouldStopOnError()) {
                connection.ifPresent(Connection::holdWaiting);
            }
            environment.publish(new PublishError(failure.ename(), failure.evalue(), failure.lines()));
            ExecuteReplies.failed(environment, message, cell.number(), failure);
        } finally {
            environment.publish(PublishStatus.IDLE);
        }
    }

    private Map<String, JsonObject> expressions(ExecuteRequest request, Message<?> message) {
        Map<String, JsonObject> values = new LinkedHashMap<>();
        Map<String, String> asked = request.getUserExpr() == null ? Map.of() : request.getUserExpr();
        asked.forEach((name, code) -> {
            try {
                Optional<MimeBundle> value = await(new CellText(executionCount.get(), code), message);
                values.put(name, ExecuteReplies.value(value.orElse(MimeBundle.text(""))));
            } catch (CellFailure failure) {
                values.put(name, ExecuteReplies.error(failure));
            }
        });
        return values;
    }

    /** Waits for a cell on the shell's thread, and asks the user meanwhile whatever the cell wants to know. */
    private Optional<MimeBundle> await(CellText cell, Message<?> message) throws CellFailure {
        desk.clear();
        Future<Optional<MimeBundle>> running =
                thread.run(() -> session.get().run(cell), () -> desk.add(new CellOver()));
        try {
            for (Object note = desk.take(); note instanceof Keyboard.Question question; note = desk.take()) {
                publishing.flush();
                Optional<String> line = connection.flatMap(c -> c.ask(
                        message, "", () -> running.isDone() || question.answer().isDone()));
                line.ifPresent(question.answer()::complete);
            }
            return result(running);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw ErrorText.withoutCells().failure(e, true);
        } finally {
            publishing.flush();
        }
    }

    private static Optional<MimeBundle> result(Future<Optional<MimeBundle>> run)
            throws CellFailure, InterruptedException {
        try {
            return run.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof CellFailure failure) {
                throw failure;
            }
            throw ErrorText.withoutCells().failure(e, false);
        }
    }

    /** Runs code outside of any request, as the cells do. */
    @Override
    public DisplayData eval(String code) throws Exception {
        Future<Optional<MimeBundle>> run =
                thread.run(() -> session.get().run(new CellText(executionCount.get(), code)), () -> {});
        return ExecuteReplies.displayData(result(run).orElse(MimeBundle.text("")));
    }

    @Override
    public void display(DisplayData data) {
        publishing.display(data);
    }

    @Override
    public ReplacementOptions complete(String code, int at) throws Exception {
        return thread.submit(() -> assistance.complete(code, at, session.get().help()))
                .get();
    }

    @Override
    public @Nullable DisplayData inspect(String code, int at, boolean extraDetail) throws Exception {
        return thread.submit(() -> assistance.inspect(code, at, session.get().help()))
                .get()
                .map(ExecuteReplies::displayData)
                .orElse(null);
    }

    @Override
    public String isComplete(String code) {
        try {
            return thread.submit(
                            () -> assistance.completeness(code, session.get().help()))
                    .get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return IS_COMPLETE_MAYBE;
        } catch (ExecutionException e) {
            return IS_COMPLETE_MAYBE;
        }
    }

    @Override
    public HistoryManager getHistoryManager() {
        return history;
    }

    @Override
    public LanguageInfo getLanguageInfo() {
        return new LanguageInfo.Builder("java")
                .version(Runtime.version().toString())
                .mimetype("text/x-java-source")
                .fileExtension(".jshell")
                .pygments("java")
                .codemirror("text/x-java")
                .build();
    }

    @Override
    public String getBanner() {
        return "Lens4J on Java %s. %%lsmagic lists what begins with %%.".formatted(Runtime.version());
    }

    @Override
    public void interrupt() {
        thread.stop(() -> session.get().stop());
    }

    @Override
    public void onShutdown(boolean isRestarting) {
        close();
    }

    /** Stops the running cell, runs what the startup wants done at the end, and ends the session. */
    @Override
    public void close() {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        interrupt();
        try {
            startup.onClose().run();
        } finally {
            thread.close(() -> session.get().close());
        }
    }
}
