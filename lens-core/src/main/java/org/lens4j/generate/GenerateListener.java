package org.lens4j.generate;

import java.util.function.Consumer;

/** Told every token as it is written, and asked whether to go on. */
@FunctionalInterface
public interface GenerateListener {
    /**
     * One token of one row.
     *
     * @param row which prompt it continues, from 0
     * @param index how many were written before it
     * @param id of the token
     * @param text what can now be shown: whole characters only, so it may be empty and may hold more than this token; what may
     *     be the beginning of a stop string is held back
     * @param logProb natural log of its probability in the model, whatever the sampler made of it
     */
    record Written(int row, int index, long id, String text, float logProb) {}

    /** Takes one token. */
    void token(Written token);

    /**
     * A row has ended.
     *
     * @param row from 0
     * @param rest text that was held back and is part of the answer
     * @param reason why
     */
    default void ended(int row, String rest, StopReason reason) {}

    /** Whether to stop now and keep what was written. It stops so on an interrupt of its thread too. */
    default boolean stops() {
        return false;
    }

    /**
     * Tells the text alone, for one row: {@code GenerateListener.text(System.out::print)} shows it in a cell as it is written.
     *
     * @param to gets pieces that add up to the text
     */
    static GenerateListener text(Consumer<String> to) {
        return new GenerateListener() {
            @Override
            public void token(Written token) {
                to.accept(token.text());
            }

            @Override
            public void ended(int row, String rest, StopReason reason) {
                to.accept(rest);
            }
        };
    }

    /** Tells nobody. */
    static GenerateListener none() {
        return token -> {};
    }
}
