package org.lens4j.train.english;

/** One question to a trained model: a prompt, and the token that must come next.
 *
 * @param prompt the text so far, without a trailing space
 * @param answer the one token that follows, with its leading space
 * @param foil the answer of a model that understood only half, with its leading space: the giver instead of the
 *     receiver, the verb for the other number; never equal to the answer */
public record Probe(String prompt, String answer, String foil) {
    public Probe {
        if (prompt.isEmpty() || prompt.endsWith(" ")) {
            throw new IllegalArgumentException("The prompt \"" + prompt
                    + "\" must be some text that does not end in a space: the space belongs to the answer.");
        }
        if (!answer.startsWith(" ") || !foil.startsWith(" ") || answer.equals(foil)) {
            throw new IllegalArgumentException("The answer \"" + answer + "\" and the foil \"" + foil
                    + "\" must be two different words, each with its leading space.");
        }
    }
}
