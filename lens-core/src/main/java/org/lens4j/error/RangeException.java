package org.lens4j.error;

/** A number outside its range: a layer, a head, a position, a prompt longer than the model's context. */
public final class RangeException extends IllegalArgumentException implements Explained {
    /**
     * Takes a complete message.
     *
     * @param message what was asked, what was found, what to do
     */
    public RangeException(String message) {
        super(message);
    }

    /**
     * Checks an index and gives it back.
     *
     * @param what the axis in words, for example {@code "layer"}
     * @param index the index asked for
     * @param size how many there are
     * @param place whose axis it is, for example {@code "demo"}
     * @return {@code index}, which is in {@code 0..size-1}
     * @throws RangeException otherwise: {@code demo has no layer 7: it has 4 layers, 0 to 3.}
     */
    public static int index(String what, int index, int size, String place) {
        if (index < 0 || index >= size) {
            throw new RangeException("%s has no %s %d: it has %d, numbered 0 to %d. Ask for one of those."
                    .formatted(place, what, index, size, size - 1));
        }
        return index;
    }
}
