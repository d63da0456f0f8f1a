package org.lens4j.kernel.magic;

import java.util.List;
import java.util.Optional;
import org.lens4j.error.UsageException;

/**
 * A layer, and one of its parts or all: {@code 1} or {@code 1.3}.
 *
 * @param magic whose word it is, for messages
 * @param layerWord as it was written
 * @param partWord as it was written, behind a dot
 */
record LayerPlace(String magic, Word layerWord, Optional<Word> partWord) {
    /**
     * Reads one.
     *
     * @param part what a layer's parts are called here
     * @throws UsageException if it is written otherwise
     */
    static LayerPlace of(String magic, Word word, String part) {
        List<Word> parts = word.split('.');
        if (parts.size() > 2) {
            throw new UsageException("%%%s takes LAYER or LAYER.%s, not \"%s\".".formatted(magic, part, word));
        }
        LayerPlace place =
                new LayerPlace(magic, parts.get(0), parts.size() == 2 ? Optional.of(parts.get(1)) : Optional.empty());
        place.layer();
        place.part();
        return place;
    }

    int layer() {
        return Arguments.wholeNumber("The layer of %" + magic, layerWord.text());
    }

    Optional<Integer> part() {
        return partWord.map(it -> Arguments.wholeNumber("What stands behind the dot of %" + magic, it.text()));
    }
}
