package org.lens4j.kernel.magic;

import org.lens4j.kernel.session.LensSession;
import org.lens4j.text.Tokens;

/** What magics that run the model share: the prompt of the session, or the one given with {@code -p}. */
final class Prompted {
    private Prompted() {}

    static Tokens tokens(LensSession lens, Arguments arguments) {
        return arguments.value(Option.PROMPT).map(it -> tokens(lens, it)).orElseGet(lens::tokens);
    }

    /** The tokens of a text, or those a variable holds. */
    static Tokens tokens(LensSession lens, Word word) {
        return word.as(Tokens.class).orElseGet(() -> lens.tokens(word.text()));
    }

    /** The expression for those tokens, in Java. */
    static String java(Arguments arguments) {
        return arguments.value(Option.PROMPT).map(Prompted::java).orElse("lens.tokens()");
    }

    /** The expression for the tokens of a text, or those a variable holds. */
    static String java(Word word) {
        return word.as(Tokens.class).isPresent()
                ? word.variable().orElseThrow().name()
                : "lens.tokens(" + word.java() + ")";
    }
}
