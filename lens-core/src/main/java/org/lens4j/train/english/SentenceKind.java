package org.lens4j.train.english;

import java.util.stream.Stream;

/** One kind of sentence of the synthetic English. */
public sealed interface SentenceKind permits ProbedKind, PlainSentences {
    /** The kind's name as a table shows it, for instance {@code "indirect object"}. */
    String title();

    /** A document of this kind to train on: one or a few sentences, none of them held out. */
    String document(Dice dice);

    /** Every word this kind can write, without spaces or punctuation. */
    Stream<String> words();
}
