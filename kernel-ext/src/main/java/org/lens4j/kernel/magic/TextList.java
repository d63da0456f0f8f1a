package org.lens4j.kernel.magic;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import org.lens4j.error.UsageException;

/** Texts a magic is given: a file with one on each line, or a Java variable with a list. */
final class TextList {
    private TextList() {}

    /** Whether a variable holds them. */
    static boolean isHeld(Word word) {
        return word.as(Collection.class).isPresent();
    }

    /** The Java expression for them. */
    static String java(Word word) {
        return isHeld(word)
                ? word.variable().orElseThrow().name()
                : "Files.readAllLines(Path.of(%s))".formatted(word.java());
    }

    /**
     * The texts.
     *
     * @throws UsageException if there is no such file, or there are no texts in it
     */
    static List<String> of(String magic, Word word) {
        if (isHeld(word)) {
            Collection<?> held = word.as(Collection.class).orElseThrow();
            return required(magic, word, held.stream().map(String::valueOf).toList());
        }
        try {
            return required(magic, word, Files.readAllLines(Path.of(word.text())));
        } catch (NoSuchFileException | InvalidPathException e) {
            throw new UsageException(
                    "%%%s found no file \"%s\". Give a file with a text on each line, or a list: var texts = List.of(\"…\"); then $texts."
                            .formatted(magic, word));
        } catch (IOException e) {
            throw new UsageException("%%%s cannot read \"%s\" as UTF-8 text: %s. Give a file with a text on each line."
                    .formatted(magic, word, Files.isDirectory(Path.of(word.text())) ? "it is a directory" : e));
        }
    }

    private static List<String> required(String magic, Word word, List<String> texts) {
        if (texts.isEmpty()) {
            throw new UsageException("%%%s found no texts in %s.".formatted(magic, word));
        }
        return texts;
    }
}
