package org.lens4j.kernel.magic;

import org.lens4j.kernel.session.LensSession;
import org.lens4j.text.Tokens;

/** What magics that run the model share: the prompt of the session, or the one given with {@code -p}. */
final class Prompted {
    private Prompted() {}

    static Tokens tokens(LensSession lens, Arguments arguments) {
        return arguments
                .value(Option.PROMPT)
                .map(it -> it.as(Tokens.class).orElseGet(() -> lens.tokens(it.text())))
                .orElseGet(lens::tokens);
    }

    /** The expression for those tokens, in Java. */
    static String java(Arguments arguments) {
        return arguments
                .value(Option.PROMPT)
                .map(it -> it.as(Tokens.class).isPresent() ? name(it) : "lens.tokens(" + it.java() + ")")
                .orElse("lens.tokens()");
    }

    private static String name(Word word) {
        return word.variable().orElseThrow().name();
    }
}
