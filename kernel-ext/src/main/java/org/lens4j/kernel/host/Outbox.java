package org.lens4j.kernel.host;

import io.github.spencerpark.jupyter.channels.IOPubChannel;
import io.github.spencerpark.jupyter.messages.HMACGenerator;
import io.github.spencerpark.jupyter.messages.Message;
import io.github.spencerpark.jupyter.messages.MessageContext;
import io.github.spencerpark.jupyter.messages.publish.PublishStream;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.zeromq.ZMQ;

/**
 * What is published, in the order it happened, sent by one thread of its own.
 *
 * <p>No cell ever touches a socket: an interrupt in the middle of a send would close it for good. Printed text waits for
 * the end of its line, or a moment; what is printed faster than it can be sent is joined into larger messages.
 */
final class Outbox extends IOPubChannel {
    private static final long LINE_PATIENCE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
    private static final long BURST_PAUSE_MS = 10;
    private static final int MAX_WAITING_CHARS = 4 << 20;

    /** What waits to be sent. */
    private sealed interface Item {}

    private record Whole(Message<?> message) implements Item {}

    /** Text of one stream and one cell that is still growing. */
    private static final class Text implements Item {
        private final MessageContext parent;
        private final PublishStream.StreamType stream;
        private final StringBuilder text = new StringBuilder();
        private final long since = System.nanoTime();
        private boolean flushed;

        Text(MessageContext parent, PublishStream.StreamType stream) {
            this.parent = parent;
            this.stream = stream;
        }

        boolean continues(MessageContext otherParent, PublishStream.StreamType otherStream) {
            return parent.equals(otherParent) && stream == otherStream;
        }
    }

    private final Deque<Item> items = new ArrayDeque<>();
    private final Thread sender = new Thread(this::sendAll, "publish");
    private int waitingChars;
    private boolean ended;

    Outbox(ZMQ.Context context, HMACGenerator hmac) {
        super(context, hmac);
        sender.setDaemon(true);
    }

    void start() {
        sender.start();
    }

    /** Adds printed text. Blocks while far too much of it waits, unless the thread is being interrupted. */
    synchronized void print(MessageContext parent, PublishStream.StreamType stream, String text) {
        while (waitingChars > MAX_WAITING_CHARS
                && !ended
                && !Thread.currentThread().isInterrupted()) {
            try {
                wait();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        Text last;
        if (items.peekLast() instanceof Text open && open.continues(parent, stream)) {
            last = open;
        } else {
            last = new Text(parent, stream);
            items.addLast(last);
        }
        last.text.append(text);
        last.flushed |= text.indexOf('\n') >= 0 || text.indexOf('\r') >= 0;
        waitingChars += text.length();
        notifyAll();
    }

    /** Sends what was printed without waiting for the end of its line. */
    synchronized void flush() {
        if (items.peekLast() instanceof Text open) {
            open.flushed = true;
            notifyAll();
        }
    }

    @Override
    public synchronized void sendMessage(Message<?> message) {
        items.addLast(new Whole(message));
        notifyAll();
    }

    /** Sends what is there and ends the thread. */
    void end() {
        synchronized (this) {
            ended = true;
            flush();
            notifyAll();
        }
        try {
            sender.join(TimeUnit.SECONDS.toMillis(2));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void sendAll() {
        boolean burst = false;
        for (@Nullable Item item = next(); item != null; item = next()) {
            if (item instanceof Whole whole) {
                super.sendMessage(whole.message());
                burst = false;
            } else if (item instanceof Text text) {
                PublishStream content = new PublishStream(text.stream, text.text.toString());
                super.sendMessage(new Message<>(text.parent, PublishStream.MESSAGE_TYPE, content));
                if (burst) {
                    pause();
                }
                burst = true;
            }
        }
    }

    /** Text upon text: a moment's pause makes few large messages out of many small ones. */
    private static void pause() {
        try {
            TimeUnit.MILLISECONDS.sleep(BURST_PAUSE_MS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private synchronized @Nullable Item next() {
        while (true) {
            Item first = items.peekFirst();
            long patience = first instanceof Text text && items.size() == 1 && !text.flushed && !ended
                    ? LINE_PATIENCE_NANOS - (System.nanoTime() - text.since)
                    : 0;
            if (first != null && patience <= 0) {
                items.removeFirst();
                if (first instanceof Text text) {
                    waitingChars -= text.text.length();
                    notifyAll();
                }
                return first;
            }
            if (first == null && ended) {
                return null;
            }
            try {
                wait(Math.max(1, TimeUnit.NANOSECONDS.toMillis(Math.max(patience, 0)) + (first == null ? 1000 : 0)));
            } catch (InterruptedException e) {
                ended = true;
            }
        }
    }
}
