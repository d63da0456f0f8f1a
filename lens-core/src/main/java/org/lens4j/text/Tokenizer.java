package org.lens4j.text;

import ai.djl.huggingface.tokenizers.Encoding;
import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.lens4j.error.CheckpointException;
import org.lens4j.error.Shortened;
import org.lens4j.error.UsageException;

/**
 * A model's own tokenizer, read from its tokenizer.json. Adds no special tokens unless asked, never truncates, never pads. Owns native
 * memory; closing frees it.
 */
public final class Tokenizer implements AutoCloseable {
    /** DJL truncates at 512 tokens unless it is told not to. */
    private static final Map<String, String> AS_IT_IS =
            Map.of("addSpecialTokens", "false", "truncation", "false", "padding", "false");

    private static final String HALF = "\uFFFD";

    private final HuggingFaceTokenizer tokenizer;
    private final Path file;
    /** Read when the first token asks for it; most texts have none. */
    private Optional<TokenBytes> bytes = Optional.empty();

    private Tokenizer(HuggingFaceTokenizer tokenizer, Path file) {
        this.tokenizer = tokenizer;
        this.file = file;
    }

    /**
     * Reads a tokenizer.json, on any file system.
     *
     * @throws CheckpointException if it cannot be read or is damaged
     */
    public static Tokenizer read(Path file) {
        try (InputStream in = Files.newInputStream(file)) {
            return new Tokenizer(HuggingFaceTokenizer.newInstance(in, AS_IT_IS), file);
        } catch (IOException | RuntimeException e) {
            throw new CheckpointException(
                    "%s could not be read as a tokenizer: %s. Copy or download it again."
                            .formatted(file, e.getMessage()),
                    e);
        }
    }

    /** The ids of a text, nothing added. */
    public long[] encode(String text) {
        return tokenizer.encode(text, false, false).getIds();
    }

    /**
     * The tokens of a text with the special tokens around it that tokenizer.json asks for ({@code post_processor}), for
     * example {@code [CLS]} and {@code [SEP]}; without them where it asks for none.
     */
    public Tokens framed(String text) {
        return framed(tokenizer.encode(text, true, false));
    }

    /** {@link #framed(String)} of two texts, the second in a segment of its own. */
    public Tokens framed(String first, String second) {
        return framed(tokenizer.encode(first, second, true, false));
    }

    private Tokens framed(Encoding encoding) {
        return Tokens.of(encoding.getIds(), this).withSegments(encoding.getTypeIds());
    }

    /** The text of ids, special tokens included. */
    public String decode(long... ids) {
        return tokenizer.decode(ids, false);
    }

    /** The text of each id by itself, as {@link #string} gives it. */
    public List<String> strings(long... ids) {
        return Arrays.stream(ids).mapToObj(this::string).toList();
    }

    /**
     * The text of one id by itself, with its leading space. Bytes that are no character by themselves are named,
     * {@code <0xC3>}, where tokenizer.json tells them.
     */
    public String string(long id) {
        String text = decode(id);
        return text.contains(HALF) ? bytes().of(id).orElse(text) : text;
    }

    private synchronized TokenBytes bytes() {
        TokenBytes known = bytes.orElseGet(() -> TokenBytes.read(file));
        bytes = Optional.of(known);
        return known;
    }

    /**
     * The id of a text that is one token.
     *
     * @throws UsageException if it is several; shows them
     */
    public long single(String text) {
        long[] ids = encode(text);
        if (ids.length != 1) {
            String advice = text.startsWith(" ")
                    ? "Take another word, or the first of them."
                    : "A word inside a text begins with a space: \" %s\".".formatted(Shortened.of(text.strip()));
            throw new UsageException("\"%s\" is %d tokens, %s, and one is needed. %s"
                    .formatted(
                            Shortened.of(text),
                            ids.length,
                            Shortened.of(strings(ids).toString()),
                            advice));
        }
        return ids[0];
    }

    @Override
    public void close() {
        tokenizer.close();
    }
}
