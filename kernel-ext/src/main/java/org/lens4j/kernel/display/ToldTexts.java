package org.lens4j.kernel.display;

import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.function.BooleanSupplier;
import java.util.function.LongConsumer;

/** Texts that are read one after the other by long work: each tells how many were read, and they end when somebody asks. */
public final class ToldTexts implements Iterable<String> {
    private final List<String> texts;
    private final LongConsumer told;
    private final BooleanSupplier stops;
    private int read;

    /**
     * Reads nothing yet.
     *
     * @param told takes how many were read, before each
     * @param stops whether there are to be no more
     */
    public ToldTexts(List<String> texts, LongConsumer told, BooleanSupplier stops) {
        this.texts = List.copyOf(texts);
        this.told = told;
        this.stops = stops;
    }

    /** Whether all were read. */
    public boolean isComplete() {
        return read == texts.size();
    }

    /** What readers of the result should know: nothing, or how far it came. */
    public List<String> notes() {
        return isComplete() ? List.of() : List.of("Stopped after %d of %d texts.".formatted(read, texts.size()));
    }

    @Override
    public Iterator<String> iterator() {
        read = 0;
        return new Iterator<>() {
            @Override
            public boolean hasNext() {
                told.accept(read);
                return read < texts.size() && !stops.getAsBoolean();
            }

            @Override
            public String next() {
                if (read == texts.size()) {
                    throw new NoSuchElementException("All %d texts were read.".formatted(read));
                }
                return texts.get(read++);
            }
        };
    }
}
