package org.lens4j.kernel.host;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/** {@code System.in} of the cells: each line is asked of the user when a cell reads it. */
final class Keyboard extends InputStream {

    /** A question to the user; the shell's thread answers it, because the socket is that thread's. */
    record Question(CompletableFuture<String> answer) {}

    private final BlockingQueue<Object> desk;
    private byte[] line = new byte[0];
    private int at;
    private volatile boolean allowed;

    /** Questions are laid on this desk. */
    Keyboard(BlockingQueue<Object> desk) {
        this.desk = desk;
    }

    /** Says whether the client that runs the cell can ask its user. */
    void allow(boolean allow) {
        allowed = allow;
    }

    @Override
    public synchronized int read() throws IOException {
        if (at >= line.length) {
            line = ask();
            at = 0;
        }
        return line[at++] & 0xFF;
    }

    @Override
    public synchronized int read(byte[] into, int from, int length) throws IOException {
        Objects.checkFromIndexSize(from, length, into.length);
        if (length == 0) {
            return 0;
        }
        into[from] = (byte) read();
        int more = Math.min(length - 1, line.length - at);
        System.arraycopy(line, at, into, from + 1, more);
        at += more;
        return more + 1;
    }

    @Override
    public synchronized int available() {
        return line.length - at;
    }

    private byte[] ask() throws IOException {
        if (!allowed) {
            throw new IOException("The cell reads from System.in, but what runs it has no user to ask.");
        }
        Question question = new Question(new CompletableFuture<>());
        desk.add(question);
        try {
            return (question.answer().get() + "\n").getBytes(UTF_8);
        } catch (InterruptedException e) {
            question.answer().cancel(false);
            Thread.currentThread().interrupt();
            throw (IOException)
                    new InterruptedIOException("The cell was stopped while it waited for input.").initCause(e);
        } catch (ExecutionException e) {
            throw new IOException("No input came: " + e.getMessage(), e);
        }
    }
}
