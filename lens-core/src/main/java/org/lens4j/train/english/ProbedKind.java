package org.lens4j.train.english;

/** A kind of sentence that has a right answer, part of whose combinations are kept out of training to test with. */
public sealed interface ProbedKind extends SentenceKind permits IndirectObject, RepeatedWords, Facts, NumberAgreement {
    /** A question about a combination that {@link #document} never writes. */
    Probe probe(Dice dice);
}
