package org.lens4j.text;

import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import java.io.IOException;
import java.io.Reader;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Tokens that begin or end inside a character, with the bytes they hold: {@code <0xC3>}. Byte-level vocabularies have them,
 * and those that fall back to bytes.
 */
final class TokenBytes {
    private static final Pattern RUN = Pattern.compile("(?:<0x[89A-F][0-9A-F]>)+");
    private static final int LENGTH = "<0xC3>".length();
    private static final int HEX = 16;
    private static final int BYTES = 256;
    /** The bytes by the characters that a byte-level vocabulary writes for them. */
    private static final Map<Character, Byte> ALPHABET = alphabet();

    private final Map<Long, String> shown;

    private TokenBytes(Map<Long, String> shown) {
        this.shown = shown;
    }

    /**
     * Reads the vocabulary of a tokenizer.json.
     *
     * @return none if the file is gone, or its vocabulary is of another kind
     */
    static TokenBytes read(Path file) {
        Map<Long, String> shown = new HashMap<>();
        try (Reader text = Files.newBufferedReader(file);
                JsonReader json = new JsonReader(text)) {
            if (enters(json, "model") && enters(json, "vocab") && json.peek() == JsonToken.BEGIN_OBJECT) {
                json.beginObject();
                while (json.hasNext()) {
                    Optional<String> partial = partial(json.nextName());
                    long id = json.nextLong();
                    partial.ifPresent(it -> shown.put(id, it));
                }
            }
            return new TokenBytes(shown);
        } catch (IOException | RuntimeException e) {
            return new TokenBytes(Map.of());
        }
    }

    private static boolean enters(JsonReader json, String name) throws IOException {
        json.beginObject();
        while (json.hasNext()) {
            if (json.nextName().equals(name)) {
                return true;
            }
            json.skipValue();
        }
        return false;
    }

    /** How a token is shown, if it is one of them. */
    Optional<String> of(long id) {
        return Optional.ofNullable(shown.get(id));
    }

    /** Tokens as one text: bytes that make characters together become them. */
    static String joined(List<String> tokens) {
        return RUN.matcher(String.join("", tokens)).replaceAll(run -> {
            String found = run.group();
            byte[] bytes = new byte[found.length() / LENGTH];
            for (int i = 0; i < bytes.length; i++) {
                int at = i * LENGTH + "<0x".length();
                bytes[i] = (byte) Integer.parseInt(found.substring(at, at + 2), HEX);
            }
            return text(bytes);
        });
    }

    private static Optional<String> partial(String piece) {
        if (RUN.matcher(piece).matches()) {
            return Optional.of(piece);
        }
        byte[] bytes = new byte[piece.length()];
        for (int i = 0; i < bytes.length; i++) {
            Byte one = ALPHABET.get(piece.charAt(i));
            if (one == null) {
                return Optional.empty();
            }
            bytes[i] = one;
        }
        return Optional.of(text(bytes)).filter(it -> RUN.matcher(it).find());
    }

    /** The characters of UTF-8; each byte that belongs to none is named. */
    private static String text(byte[] bytes) {
        CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
        ByteBuffer in = ByteBuffer.wrap(bytes);
        StringBuilder out = new StringBuilder();
        while (true) {
            CharBuffer characters = CharBuffer.allocate(bytes.length);
            CoderResult end = decoder.reset().decode(in, characters, true);
            out.append(characters.flip());
            if (!end.isError()) {
                return out.toString();
            }
            for (int i = 0; i < end.length(); i++) {
                out.append("<0x%02X>".formatted(in.get()));
            }
        }
    }

    private static Map<Character, Byte> alphabet() {
        Map<Character, Byte> alphabet = new HashMap<>();
        int next = BYTES;
        for (int value = 0; value < BYTES; value++) {
            boolean printed = (value >= '!' && value <= '~') || (value >= '¡' && value != 0xAD);
            alphabet.put((char) (printed ? value : next++), (byte) value);
        }
        return Map.copyOf(alphabet);
    }
}
