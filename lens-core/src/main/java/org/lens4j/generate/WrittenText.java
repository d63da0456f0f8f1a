package org.lens4j.generate;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.lens4j.text.Tokenizer;

/**
 * The text of one row as it grows. A token may be a part of a character, and a stop string may be spread over tokens, so text
 * is given out when it is sure.
 */
final class WrittenText {
    /** What decoders put where bytes are no whole character. */
    private static final String HALF = "\uFFFD";

    private final Optional<Tokenizer> tokenizer;
    private final List<String> stops;
    private final List<Long> ids = new ArrayList<>();
    private final StringBuilder shown = new StringBuilder();
    private String held = "";
    /** Decoding begins here, behind a token that was shown whole: some decoders drop a space at the beginning. */
    private int anchor;

    private int decoded;
    private boolean stopped;

    /**
     * Text behind a prompt.
     *
     * @param tokenizer empty for a model of ids, whose text stays empty
     * @param last the prompt's last token
     * @param stops strings that end the text
     */
    WrittenText(Optional<Tokenizer> tokenizer, long last, List<String> stops) {
        this.tokenizer = tokenizer;
        this.stops = stops;
        ids.add(last);
        decoded = 1;
    }

    /** Adds a token; gives the text that can be shown now. */
    String add(long id) {
        ids.add(id);
        return release(fresh(false), false);
    }

    /** Gives what was held back. */
    String end() {
        return release(fresh(true), true);
    }

    /** Whether a stop string was written. The text ends before it. */
    boolean isStopped() {
        return stopped;
    }

    /** All that was shown. */
    String text() {
        return shown.toString();
    }

    private String fresh(boolean evenHalves) {
        if (tokenizer.isEmpty() || decoded == ids.size()) {
            return "";
        }
        String before = decode(anchor, decoded);
        String after = decode(anchor, ids.size());
        if ((after.endsWith(HALF) && !evenHalves) || after.length() <= before.length()) {
            return "";
        }
        anchor = decoded;
        decoded = ids.size();
        return after.substring(before.length());
    }

    private String decode(int from, int to) {
        return tokenizer
                .orElseThrow()
                .decode(ids.subList(from, to).stream()
                        .mapToLong(Long::longValue)
                        .toArray());
    }

    private String release(String fresh, boolean last) {
        if (stopped) {
            return "";
        }
        String waiting = held + fresh;
        int stop = stops.stream()
                .mapToInt(waiting::indexOf)
                .filter(it -> it >= 0)
                .min()
                .orElse(-1);
        stopped = stop >= 0;
        int sure = stopped ? stop : last ? waiting.length() : waiting.length() - maybeStop(waiting);
        held = stopped ? "" : waiting.substring(sure);
        shown.append(waiting, 0, sure);
        return waiting.substring(0, sure);
    }

    /** How long the longest end of a text is that a stop string may begin with. */
    private int maybeStop(String text) {
        int longest = 0;
        for (String stop : stops) {
            for (int length = Math.min(stop.length() - 1, text.length()); length > longest; length--) {
                if (stop.startsWith(text.substring(text.length() - length))) {
                    longest = length;
                }
            }
        }
        return longest;
    }
}
