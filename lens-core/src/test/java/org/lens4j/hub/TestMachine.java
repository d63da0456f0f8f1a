package org.lens4j.hub;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** A machine that does not really wait, and whose disk can be small or without links. */
final class TestMachine implements Machine {
    private final List<Duration> pauses = new ArrayList<>();
    private final long free;
    private final long takes;
    private final boolean links;

    private TestMachine(long free, long takes, boolean links) {
        this.free = free;
        this.takes = takes;
        this.links = links;
    }

    static TestMachine usual() {
        return new TestMachine(Long.MAX_VALUE, Long.MAX_VALUE, true);
    }

    /** Says that so many bytes are free. */
    static TestMachine withRoom(long free) {
        return new TestMachine(free, Long.MAX_VALUE, true);
    }

    /** Says there is room, and then takes only so many bytes of each file. */
    static TestMachine thatFillsUpAfter(long takes) {
        return new TestMachine(Long.MAX_VALUE, takes, true);
    }

    static TestMachine withoutLinks() {
        return new TestMachine(Long.MAX_VALUE, Long.MAX_VALUE, false);
    }

    /** How long it would have waited, each time. */
    List<Duration> pauses() {
        return pauses;
    }

    @Override
    public long free(Path directory) {
        return free;
    }

    @Override
    public WritableByteChannel append(Path file) throws IOException {
        WritableByteChannel real = REAL.append(file);
        return new WritableByteChannel() {
            private long taken;

            @Override
            public int write(ByteBuffer bytes) throws IOException {
                if (taken + bytes.remaining() > takes) {
                    ByteBuffer fits = bytes.slice(bytes.position(), (int) (takes - taken));
                    taken += real.write(fits);
                    throw new IOException("No space left on device");
                }
                int count = real.write(bytes);
                taken += count;
                return count;
            }

            @Override
            public boolean isOpen() {
                return real.isOpen();
            }

            @Override
            public void close() throws IOException {
                real.close();
            }
        };
    }

    @Override
    public void link(Path link, Path target) throws IOException {
        if (!links) {
            throw new UnsupportedOperationException("no links here");
        }
        REAL.link(link, target);
    }

    @Override
    public void pause(Duration time) throws InterruptedException {
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
        pauses.add(time);
        Thread.onSpinWait();
    }
}
