package org.lens4j.kernel.magic;

import java.util.List;

/** What may stand as a word of a magic or as the value of an option: data for completion and for messages. */
public sealed interface Offer {
    /** Anything: nothing is offered. */
    record Anything() implements Offer {}

    /** One of a few words. */
    record OneOf(List<String> words) implements Offer {
        /** Copies the list. */
        public OneOf {
            words = List.copyOf(words);
        }
    }

    /** Some of a few words, with commas between them. */
    record SomeOf(List<String> words) implements Offer {
        /** Copies the list. */
        public SomeOf {
            words = List.copyOf(words);
        }
    }

    /** What the session knows when it is asked. */
    enum Known implements Offer {
        /** Hook points of the current model. */
        HOOKS,
        /** Layers of the current model, and behind a dot their heads. */
        HEADS,
        /** Layers of the current model. */
        LAYERS,
        /** Models that can be loaded by a name. */
        MODELS,
        /** Files and folders. */
        FILES,
        /** Models of the session. */
        LOADED,
        /** Caches of the session. */
        CACHES,
        /** Magics. */
        MAGICS
    }
}
