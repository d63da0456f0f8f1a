package org.lens4j.kernel.host;

import io.github.spencerpark.jupyter.channels.IOPubChannel;
import io.github.spencerpark.jupyter.channels.JupyterConnection;
import io.github.spencerpark.jupyter.channels.ShellChannel;
import io.github.spencerpark.jupyter.channels.ShellHandler;
import io.github.spencerpark.jupyter.channels.ShellReplyEnvironment;
import io.github.spencerpark.jupyter.kernel.KernelConnectionProperties;
import io.github.spencerpark.jupyter.messages.Message;
import io.github.spencerpark.jupyter.messages.MessageContext;
import io.github.spencerpark.jupyter.messages.publish.PublishStatus;
import io.github.spencerpark.jupyter.messages.reply.InputReply;
import io.github.spencerpark.jupyter.messages.request.ExecuteRequest;
import io.github.spencerpark.jupyter.messages.request.InputRequest;
import java.security.GeneralSecurityException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.zeromq.ZMQ;
import org.zeromq.ZMsg;

/**
 * The kernel's ends of the five sockets. It takes the sockets, messages and handlers of the base library and replaces
 * its loops: these wait on the socket instead of asking it every 50 ms, and outlive any message.
 */
final class Connection extends JupyterConnection {
    private static final Logger LOG = Logger.getLogger(Connection.class.getName());
    private static final int WAIT_MS = 100;
    private static final int LINGER_MS = 500;
    private static final long JOIN_MS = 2000;

    private final KernelConnectionProperties properties;
    private final Envelope envelope;
    private final ZMQ.Context publishContext = ZMQ.context(1);
    private final Outbox outbox;
    private final Replies replies = new Replies();
    private final List<Thread> threads = new ArrayList<>();
    private final CountDownLatch ending = new CountDownLatch(1);
    private volatile boolean open = true;
    /** Requests that were waiting when a cell failed. Used by the shell's thread only. */
    private final Deque<Message<?>> held = new ArrayDeque<>();

    Connection(KernelConnectionProperties properties) throws GeneralSecurityException {
        super(properties);
        this.properties = properties;
        String key = properties.getKey();
        this.envelope = new Envelope(properties.createHMACGenerator(), key != null && !key.isEmpty());
        this.outbox = new Outbox(publishContext, properties.createHMACGenerator());
    }

    Outbox outbox() {
        return outbox;
    }

    @Override
    public IOPubChannel getIOPub() {
        return outbox;
    }

    @Override
    public ShellReplyEnvironment prepareReplyEnv(ShellChannel channel, MessageContext context) {
        return new Environment(channel, context);
    }

    /** The library's reply environment with our way of publishing. */
    private final class Environment extends ShellReplyEnvironment {
        Environment(ShellChannel channel, MessageContext context) {
            super(channel, stdin, outbox, context);
        }

        @Override
        public void reply(Message<?> reply) {
            super.reply(replies.complete(reply));
        }
    }

    @Override
    public void connect() {
        bind(iopubSocket(), properties.getIopubPort());
        bind(shell, properties.getShellPort());
        bind(control, properties.getControlPort());
        bind(stdin, properties.getStdinPort());
        bind(heartbeat, properties.getHbPort());
        outbox.start();
        outbox.sendMessage(new Message<>(null, PublishStatus.MESSAGE_TYPE, PublishStatus.STARTING));
        begin("shell", () -> serve(shell));
        begin("control", () -> serve(control));
        begin("heartbeat", this::echo);
    }

    private ZMQ.Socket iopubSocket() {
        return outbox;
    }

    private void bind(ZMQ.Socket socket, int port) {
        socket.setLinger(LINGER_MS);
        socket.setSndHWM(0);
        socket.setRcvHWM(0);
        socket.setReceiveTimeOut(WAIT_MS);
        String address = "%s://%s:%d".formatted(properties.getTransport(), properties.getIp(), port);
        if (!socket.bind(address)) {
            throw new IllegalStateException("Address already in use: " + address);
        }
    }

    private void begin(String name, Runnable loop) {
        Thread thread = new Thread(loop, name);
        thread.setDaemon(true);
        threads.add(thread);
        thread.start();
    }

    private void echo() {
        while (open) {
            ZMsg beat = ZMsg.recvMsg(heartbeat);
            if (beat != null) {
                beat.send(heartbeat);
            }
        }
    }

    private void serve(ShellChannel channel) {
        while (open) {
            ZMsg frames = ZMsg.recvMsg(channel);
            if (frames != null) {
                envelope.read(frames).ifPresent(message -> handle(channel, message));
            }
            if (channel.equals(shell)) {
                abortHeld();
            }
        }
    }

    /**
     * Takes the requests that wait behind a failed cell, before its reply tells the client about it: the cells among
     * them were meant to follow a success and are not run. Called by the handler of a cell, on the shell's thread.
     */
    void holdWaiting() {
        for (ZMsg frames = ZMsg.recvMsg(shell, false); frames != null; frames = ZMsg.recvMsg(shell, false)) {
            envelope.read(frames).ifPresent(held::addLast);
        }
    }

    private void abortHeld() {
        for (Message<?> message = held.pollFirst(); message != null; message = held.pollFirst()) {
            if (message.getContent() instanceof ExecuteRequest) {
                ExecuteReplies.aborted(prepareReplyEnv(shell, message), message);
            } else {
                handle(shell, message);
            }
        }
    }

    @SuppressWarnings({"unchecked", "rawtypes"}) // the library keeps handlers of all message types in one map
    private void handle(ShellChannel channel, Message<?> message) {
        ShellHandler handler = getHandler(message.getHeader().getType());
        if (handler == null) {
            return;
        }
        ShellReplyEnvironment environment = prepareReplyEnv(channel, message);
        try {
            handler.handle(environment, (Message) message);
        } catch (Throwable e) {
            LOG.log(Level.WARNING, e, () -> "A " + message.getHeader().getType() + " was not handled");
        }
        environment.resolveDeferrals();
        if (environment.isMarkedForShutdown()) {
            ending.countDown();
        }
    }

    /**
     * Asks the user for a line, on the shell's thread.
     *
     * @return the line; empty where {@code givenUp} became true first
     */
    Optional<String> ask(MessageContext cell, String prompt, BooleanSupplier givenUp) {
        while (ZMsg.recvMsg(stdin, false) != null) {
            // An answer to a question that was given up meanwhile.
        }
        stdin.sendMessage(new Message<>(cell, InputRequest.MESSAGE_TYPE, new InputRequest(prompt, false)));
        while (open && !givenUp.getAsBoolean()) {
            ZMsg frames = ZMsg.recvMsg(stdin);
            Optional<Message<?>> reply = frames == null ? Optional.empty() : envelope.read(frames);
            if (reply.isPresent() && reply.get().getContent() instanceof InputReply answer) {
                return Optional.of(answer.getValue());
            }
        }
        return Optional.empty();
    }

    /** Says that the kernel is to end. */
    void end() {
        ending.countDown();
    }

    /** Waits until a client asks the kernel to end, or {@link #end} does. */
    void awaitEnd() throws InterruptedException {
        ending.await();
    }

    @Override
    public void close() {
        open = false;
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(JOIN_MS);
        try {
            for (Thread thread : threads) {
                thread.join(Math.max(1, TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime())));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        outbox.end();
        outbox.close();
        publishContext.close();
        super.close();
    }
}
