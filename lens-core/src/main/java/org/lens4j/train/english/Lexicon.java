package org.lens4j.train.english;

import java.util.List;

/** The words that more than one kind of sentence uses. */
final class Lexicon {
    /** First names; each is one word that nothing else in this English uses. */
    static final List<String> NAMES = words("""
            Mary John Anna Tom Lucy Peter Sarah David Emma James Kate Paul Alice Simon Laura Daniel Julia Adam Helen Robert \
            Clara Henry Nina Martin Ella George Ruth Oscar Sophie Leo Jane Max Eva Victor Nora Sam Olivia Ben Hannah Jack""");

    /** Where people go, after "the". */
    static final List<String> PLACES = words("""
            store park school market library beach bakery station restaurant hospital museum hotel office zoo church farm""");

    /** What people give, after "a". */
    static final List<String> OBJECTS = words("""
            drink ring book ball cake map letter flower key basket coin box lamp toy ticket pencil""");

    /** How someone or something may be. */
    static final List<String> MOODS = words("happy tired hungry quiet brave young small strong famous busy");

    private Lexicon() {}

    /** The words of a text as a list. */
    static List<String> words(String text) {
        return List.of(text.split(" "));
    }
}
