package org.lens4j.train;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A byte-level vocabulary: the 256 bytes, whole pieces of text such as {@code " Mary"}, and the end-of-text token.
 *
 * <p>Text is cut into pieces as GPT-2 cuts it; a piece of the vocabulary is one token, any other piece is its UTF-8 bytes.
 * So no text is ever lost: {@code decode(encode(s))} is {@code s}. Ids: bytes 0 to 255 in GPT-2's order, then the pieces
 * in the order given, and last {@link #END_OF_TEXT}. Hugging Face's tokenizer gives the same ids for the file
 * {@link TokenizerJson} writes, but for letters younger than the Unicode tables of one of the two.
 *
 * <pre>{@code
 * var vocabulary = Vocabulary.of(List.of("Mary", " Mary", " gave"));
 * vocabulary.encode("Mary gave");  // [256, 258]
 * }</pre> */
public final class Vocabulary {
    /** What separates documents, and starts each of them. */
    public static final String END_OF_TEXT = "<|endoftext|>";

    /** GPT-2's rule for where one piece of text ends and the next begins. */
    static final Pattern PIECE = Pattern.compile(
            "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+",
            Pattern.UNICODE_CHARACTER_CLASS);

    private static final int BYTES = 256;

    private final List<String> pieces;
    private final Map<String, Integer> ids;

    private Vocabulary(List<String> pieces) {
        this.pieces = List.copyOf(pieces);
        this.ids = new HashMap<>();
        for (String piece : this.pieces) {
            if (ids.put(piece, BYTES + ids.size()) != null) {
                throw new IllegalArgumentException(
                        "The vocabulary lists \"" + piece + "\" twice, so its id would be ambiguous. List it once.");
            }
        }
    }

    /** The vocabulary of these pieces.
     *
     * @param pieces each one piece of text by GPT-2's rule and longer than a byte: a word, with its leading space if it
     *     has one */
    public static Vocabulary of(List<String> pieces) {
        for (String piece : pieces) {
            if (!PIECE.matcher(piece).lookingAt() || !pieces(piece).equals(List.of(piece))) {
                throw new IllegalArgumentException("\"" + piece + "\" cannot be one token: GPT-2's rule cuts it into "
                        + pieces(piece) + ". Give a single word, with at most one leading space.");
            }
            if (piece.getBytes(StandardCharsets.UTF_8).length < 2) {
                throw new IllegalArgumentException(
                        "\"" + piece + "\" is a single byte, and the 256 bytes are in every vocabulary. Leave it out.");
            }
        }
        return new Vocabulary(pieces);
    }

    /** The number of tokens, {@code d_vocab}. */
    public int size() {
        return BYTES + pieces.size() + 1;
    }

    /** The id of {@link #END_OF_TEXT}: the last one, as in GPT-2. */
    public int endOfText() {
        return size() - 1;
    }

    /** The pieces beyond the 256 bytes, in the order of their ids. */
    public List<String> pieces() {
        return pieces;
    }

    /** The id of a text that is exactly one token; empty if it is none or several. */
    public OptionalInt id(String text) {
        int[] encoded = encode(text);
        return encoded.length == 1 ? OptionalInt.of(encoded[0]) : OptionalInt.empty();
    }

    /** The token ids of a text, {@code [pos]}, without anything added. {@code "<|endoftext|>"} is plain text here. */
    public int[] encode(String text) {
        int[] out = new int[text.length() * 4];
        int length = 0;
        Matcher matcher = PIECE.matcher(text);
        while (matcher.find()) {
            String piece = matcher.group();
            Integer id = ids.get(piece);
            if (id != null) {
                out[length++] = id;
            } else {
                for (byte b : piece.getBytes(StandardCharsets.UTF_8)) {
                    out[length++] = ByteAlphabet.id(b);
                }
            }
        }
        return Arrays.copyOf(out, length);
    }

    /** The text of these token ids, the inverse of {@link #encode}. Bytes that are no UTF-8 become {@code U+FFFD}. */
    public String decode(int... tokens) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (int token : tokens) {
            bytes.writeBytes(bytes(token));
        }
        return bytes.toString(StandardCharsets.UTF_8);
    }

    private byte[] bytes(int token) {
        if (token < 0 || token >= size()) {
            throw new IllegalArgumentException("No token " + token + ": this vocabulary has " + size()
                    + " tokens. Use an id from 0 to " + (size() - 1) + ".");
        }
        if (token < BYTES) {
            return new byte[] {ByteAlphabet.byteOf(token)};
        }
        String text = token == endOfText() ? END_OF_TEXT : pieces.get(token - BYTES);
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static List<String> pieces(String text) {
        List<String> found = new ArrayList<>();
        Matcher matcher = PIECE.matcher(text);
        while (matcher.find()) {
            found.add(matcher.group());
        }
        return found;
    }
}
