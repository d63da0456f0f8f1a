package org.lens4j.train.english;

import java.util.function.Supplier;

/** A drawn sentence before it is known where it goes.
 *
 * @param rest what follows the answer in a training document
 * @param heldOut whether its combination belongs to the test */
record Question(Probe probe, String rest, boolean heldOut) {
    /** Draws until a question on the wanted side of the fence comes up. */
    static Question draw(boolean heldOut, Supplier<Question> draws) {
        Question question = draws.get();
        while (question.heldOut() != heldOut) {
            question = draws.get();
        }
        return question;
    }

    /** The sentence as training reads it. */
    String text() {
        return probe.prompt() + probe.answer() + rest;
    }
}
