package org.lens4j.harvest;

import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.lens4j.error.UsageException;

/**
 * Texts to harvest from, one document to a line, in UTF-8. A document's number is its line's, counted from 0; blank lines
 * are no documents, and count.
 *
 * <ul>
 *   <li>{@code .jsonl} and {@code .ndjson}: each line is a JSON object, and a document is the string in one of its fields;
 *   <li>any other name: each line is a document as it stands, without the line's end.
 * </ul>
 *
 * @param file where they are
 * @param field where a line holds its text; empty if the line is the text
 */
public record Corpus(Path file, Optional<String> field) {
    /** The field that holds the text unless another is named. */
    public static final String TEXT = "text";

    private static final List<String> JSON_LINES = List.of(".jsonl", ".ndjson");
    private static final int EDGE = 1 << 20;

    /**
     * The corpus in a file, read as its name says.
     *
     * @throws UsageException if there is no such file
     */
    public static Corpus of(Path file) {
        if (!Files.isRegularFile(file)) {
            throw new UsageException("There is no file %s to harvest from%s."
                    .formatted(
                            file,
                            Files.isDirectory(file)
                                    ? ": it is a directory. Name one file, .txt or .jsonl"
                                    : ". Name a .txt or .jsonl file"));
        }
        String name = String.valueOf(file.getFileName()).toLowerCase(Locale.ROOT);
        return new Corpus(file, JSON_LINES.stream().anyMatch(name::endsWith) ? Optional.of(TEXT) : Optional.empty());
    }

    /**
     * The same, with the text in another field.
     *
     * @throws UsageException if its lines are texts and have no fields
     */
    public Corpus withField(String name) {
        if (field.isEmpty()) {
            throw new UsageException(
                    "%s is read as plain text, one document to a line, and has no field \"%s\". Fields are for .jsonl files."
                            .formatted(file, name));
        }
        return new Corpus(file, Optional.of(name));
    }

    /** Its size in bytes. */
    long bytes() throws IOException {
        return Files.size(file);
    }

    /** SHA-256 of its first and last mebibyte: to know it again without reading all of it. */
    String edges() throws IOException {
        try (RandomAccessFile in = new RandomAccessFile(file.toFile(), "r");
                InputStream first = Files.newInputStream(file)) {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update(first.readNBytes(EDGE));
            byte[] last = new byte[(int) Math.min(EDGE, in.length())];
            in.seek(in.length() - last.length);
            in.readFully(last);
            digest.update(last);
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java has SHA-256; this one says otherwise.", e);
        }
    }
}
