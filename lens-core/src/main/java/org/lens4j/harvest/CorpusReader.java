package org.lens4j.harvest;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.lens4j.error.Closest;
import org.lens4j.error.UsageException;
import org.lens4j.text.JsonLine;

/** Reads a corpus document by document, and knows where in the file each begins. One document is held at a time. */
final class CorpusReader implements AutoCloseable {
    /** Longest line, so that a file without line ends is refused and not read whole. */
    static final int LONGEST = 1 << 24;

    private static final String MARK = "\uFEFF";
    private static final int CLOSEST = 3;

    private final Corpus corpus;
    private final InputStream in;
    private long offset;
    private long line;

    private CorpusReader(Corpus corpus, InputStream in, long offset, long line) {
        this.corpus = corpus;
        this.in = in;
        this.offset = offset;
        this.line = line;
    }

    /**
     * One text.
     *
     * @param number of its line, from 0
     * @param offset of its line's first byte
     * @param text not blank
     */
    record Document(long number, long offset, String text) {}

    /** Reads from a line on: the byte it begins at, and its number. */
    static CorpusReader open(Corpus corpus, long offset, long line) throws IOException {
        FileChannel channel = FileChannel.open(corpus.file());
        channel.position(offset);
        return new CorpusReader(
                corpus, new BufferedInputStream(Channels.newInputStream(channel), 1 << 16), offset, line);
    }

    /** The next document; empty at the end. */
    Optional<Document> next() throws IOException {
        while (true) {
            long begin = offset;
            Optional<String> read = line();
            if (read.isEmpty()) {
                return Optional.empty();
            }
            long number = line;
            line++;
            String text = begin == 0 && read.get().startsWith(MARK) ? read.get().substring(1) : read.get();
            String document = text.isBlank()
                    ? ""
                    : corpus.field().map(it -> field(it, text, number)).orElse(text);
            if (!document.isBlank()) {
                return Optional.of(new Document(number, begin, document));
            }
        }
    }

    /** Bytes read so far. */
    long offset() {
        return offset;
    }

    private Optional<String> line() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        int read = in.read();
        if (read < 0) {
            return Optional.empty();
        }
        for (; read >= 0 && read != '\n'; read = in.read()) {
            if (bytes.size() == LONGEST) {
                throw wrong(line, "is longer than %d bytes, and a line is one document. Cut it".formatted(LONGEST));
            }
            bytes.write(read);
        }
        offset += bytes.size() + (read < 0 ? 0 : 1);
        String text = decoded(bytes.toByteArray());
        return Optional.of(text.endsWith("\r") ? text.substring(0, text.length() - 1) : text);
    }

    private String decoded(byte[] bytes) {
        try {
            // A decoder of its own refuses wrong bytes; String would put question marks.
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException e) {
            throw wrong(line, "is not UTF-8 text. Convert the file, for example with iconv");
        }
    }

    private String field(String name, String text, long number) {
        JsonObject object = JsonLine.object(text)
                .orElseThrow(() -> wrong(
                        number,
                        "is no JSON object: %s. Every line of a .jsonl file is one, such as {\"text\": \"…\"}"
                                .formatted(shortened(text))));
        Optional<JsonElement> value = Optional.ofNullable(object.get(name));
        if (value.isEmpty()) {
            List<String> closest = Closest.to(name, object.keySet(), CLOSEST);
            throw wrong(
                    number,
                    "has no field \"%s\"; it has %s. Name the one that holds the text (--field)"
                            .formatted(name, closest.isEmpty() ? "none" : String.join(", ", closest)));
        }
        return JsonLine.text(value.get())
                .orElseThrow(() -> wrong(
                        number,
                        "has something else than a text in its field \"%s\": %s. Name a field with a string (--field)"
                                .formatted(name, shortened(value.get().toString()))));
    }

    private static String shortened(String text) {
        int most = 60;
        return text.length() <= most ? text : text.substring(0, most) + "…";
    }

    private UsageException wrong(long number, String found) {
        return new UsageException("Line %d of %s %s.".formatted(number + 1, corpus.file(), found));
    }

    @Override
    public void close() throws IOException {
        in.close();
    }
}
