package org.lens4j.kernel.host;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.util.function.Consumer;

/** Takes what {@code System.out} or {@code System.err} is given and hands it on as text, whole characters at a time. */
final class CellStream extends OutputStream {
    private static final int LONGEST_CHARACTER = 4;

    private final Consumer<String> print;
    private final Runnable flush;
    private final CharsetDecoder decoder = UTF_8.newDecoder()
            .onMalformedInput(CodingErrorAction.REPLACE)
            .onUnmappableCharacter(CodingErrorAction.REPLACE);
    private ByteBuffer left = ByteBuffer.allocate(0);

    private CellStream(Consumer<String> print, Runnable flush) {
        this.print = print;
        this.flush = flush;
    }

    static PrintStream of(Consumer<String> print, Runnable flush) {
        return new PrintStream(new CellStream(print, flush), false, UTF_8);
    }

    @Override
    public void write(int b) {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public synchronized void write(byte[] bytes, int from, int length) {
        ByteBuffer in = ByteBuffer.allocate(left.remaining() + length);
        in.put(left).put(bytes, from, length).flip();
        CharBuffer out = CharBuffer.allocate(in.remaining() + LONGEST_CHARACTER);
        decoder.decode(in, out, false);
        left = in;
        out.flip();
        if (out.hasRemaining()) {
            print.accept(out.toString());
        }
    }

    @Override
    public void flush() {
        flush.run();
    }
}
