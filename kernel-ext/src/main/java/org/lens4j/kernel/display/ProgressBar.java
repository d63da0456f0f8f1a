package org.lens4j.kernel.display;

import java.util.Locale;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * How far a long work is, as one line in the form of Python's tqdm, drawn at most ten times a second, and not at all of work
 * that ends within half a second:
 *
 * <pre>{@code
 * model.safetensors:  45%|████▌     | 247M/548M [00:12<00:14, 20.9MB/s]
 *
 * try (ProgressBar bar = ProgressBar.of("tokens", OptionalLong.of(1_000_000), "tok", canvas)) {
 *     bar.at(4096);
 * }
 * }</pre>
 *
 * A bar of {@link #of} draws itself too while the work says nothing, so that one sees it wait; close it.
 */
public final class ProgressBar implements AutoCloseable {
    private static final long BEAT_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private static final long SHORT_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

    private static final long TICK_NANOS = TimeUnit.SECONDS.toNanos(1);

    /** How long what was measured counts for the speed; older measurements fade. */
    private static final double MEMORY_SECONDS = 3;

    private final String label;
    private final String unit;
    private final Canvas canvas;
    private final LongSupplier nanoTime;
    private final long began;
    private OptionalLong total;
    private long initial;
    private long done;
    private String note = "";
    private boolean drawn;
    private boolean closed;
    private long drawnAt;
    private long drawnDone;
    private double recentUnits;
    private double recentSeconds;

    /** Where a bar is drawn. */
    public interface Canvas {
        /** Draws the line in place of the one before it. */
        void draw(String line);

        /** Draws the last line, which stays. */
        void end(String line);
    }

    /**
     * A bar that begins now.
     *
     * @param label in front of it
     * @param total how much work there is, if that is known
     * @param unit of the work, short: {@code B}, {@code tok}
     * @param canvas where it is drawn
     * @param nanoTime a clock, in nanoseconds
     */
    public ProgressBar(String label, OptionalLong total, String unit, Canvas canvas, LongSupplier nanoTime) {
        this.label = label;
        this.total = total;
        this.unit = unit;
        this.canvas = canvas;
        this.nanoTime = nanoTime;
        this.began = nanoTime.getAsLong();
        this.drawnAt = began;
    }

    /** A bar that begins now, by this machine's clock, and draws itself until it is closed. */
    public static ProgressBar of(String label, OptionalLong total, String unit, Canvas canvas) {
        ProgressBar bar = new ProgressBar(label, total, unit, canvas, System::nanoTime);
        Thread ticker = new Thread(bar::tick, "progress");
        ticker.setDaemon(true);
        ticker.start();
        return bar;
    }

    private synchronized void tick() {
        try {
            while (!closed) {
                long since = nanoTime.getAsLong() - (drawn ? drawnAt : began);
                long left = (drawn ? TICK_NANOS : SHORT_NANOS) - since;
                if (left > 0) {
                    wait(TimeUnit.NANOSECONDS.toMillis(left) + 1);
                } else {
                    draw(nanoTime.getAsLong());
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Work that was done earlier: it counts as done, and not for the speed. */
    public synchronized ProgressBar resumedAt(long earlier) {
        initial = earlier;
        done = earlier;
        drawnDone = earlier;
        return this;
    }

    /**
     * The work has come so far. Draws, unless it has just been drawn.
     *
     * @param amount all that is done, what was done earlier included
     */
    public synchronized void at(long amount) {
        long now = nanoTime.getAsLong();
        if (amount < done) {
            beginAnew(amount, now);
        }
        done = amount;
        if (!closed && now - began >= SHORT_NANOS && (!drawn || now - drawnAt >= BEAT_NANOS)) {
            draw(now);
        }
    }

    private void draw(long now) {
        measure(now);
        drawn = true;
        canvas.draw(line(now, recentSeconds > 0 ? recentUnits / recentSeconds : 0));
    }

    /** {@link #at(long)}, where the total has become known or another. */
    public synchronized void at(long amount, OptionalLong newTotal) {
        total = newTotal;
        at(amount);
    }

    /** As a download does whose first part was damaged: the speed so far says nothing any more. */
    private void beginAnew(long amount, long now) {
        resumedAt(amount);
        recentUnits = 0;
        recentSeconds = 0;
        drawn = false;
        drawnAt = now;
    }

    private void measure(long now) {
        double seconds = (now - drawnAt) / 1e9;
        double fading = Math.exp(-seconds / MEMORY_SECONDS);
        recentUnits = recentUnits * fading + (done - drawnDone);
        recentSeconds = recentSeconds * fading + seconds;
        drawnAt = now;
        drawnDone = done;
    }

    /** Draws the state as it is, for the last time, with the speed on the whole. Again does nothing. */
    @Override
    public synchronized void close() {
        if (!closed) {
            closed = true;
            long now = nanoTime.getAsLong();
            notifyAll();
            if (!drawn && now - began < SHORT_NANOS) {
                return;
            }
            double seconds = (now - began) / 1e9;
            canvas.end(line(now, seconds > 0 ? (done - initial) / seconds : 0));
        }
    }

    /** What stands behind the bar from now on, for example a loss. */
    public synchronized void note(String words) {
        note = words.isEmpty() ? "" : " " + words;
    }

    private String line(long now, double rate) {
        return bar(now, rate) + note;
    }

    private String bar(long now, double rate) {
        String elapsed = time((now - began) / 1_000_000_000);
        String speed = (rate > 0 ? amount(rate) : "?") + unit + "/s";
        if (total.isEmpty() || total.getAsLong() < done) {
            return "%s: %s%s [%s, %s]".formatted(label, amount((double) done), unit, elapsed, speed);
        }
        long whole = total.getAsLong();
        double fraction = whole == 0 ? 1 : (double) done / whole;
        String left = done == whole ? time(0) : rate > 0 ? time((long) ((double) (whole - done) / rate)) : "?";
        return "%s: %3d%%|%s| %s/%s [%s<%s, %s]"
                .formatted(
                        label,
                        (int) (fraction * 100),
                        Blocks.of(fraction),
                        amount((double) done),
                        amount((double) whole),
                        elapsed,
                        left,
                        speed);
    }

    /** Three digits and a decimal prefix: {@code 1.23k}, {@code 20.9M}, {@code 548M}. */
    static String amount(double value) {
        String[] prefixes = {"", "k", "M", "G", "T"};
        double rest = value;
        int prefix = 0;
        while (rest >= 999.5 && prefix < prefixes.length - 1) {
            rest /= 1000;
            prefix++;
        }
        boolean whole = prefix == 0 && rest == Math.rint(rest);
        int decimals = whole || rest >= 99.95 ? 0 : rest >= 9.995 ? 1 : 2;
        return String.format(Locale.ROOT, "%." + decimals + "f%s", rest, prefixes[prefix]);
    }

    private static String time(long seconds) {
        long hours = seconds / 3600;
        String rest = "%02d:%02d".formatted(seconds / 60 % 60, seconds % 60);
        return hours == 0 ? rest : hours + ":" + rest;
    }

    /** Ten characters, each filled by eighths. */
    private static final class Blocks {
        private static final int WIDTH = 10;
        private static final String EIGHTHS = " ▏▎▍▌▋▊▉█";

        private Blocks() {}

        static String of(double fraction) {
            int eighths = (int) (fraction * WIDTH * 8);
            StringBuilder bar = new StringBuilder();
            for (int i = 0; i < WIDTH; i++) {
                bar.append(EIGHTHS.charAt(Math.max(0, Math.min(8, eighths - 8 * i))));
            }
            return bar.toString();
        }
    }
}
