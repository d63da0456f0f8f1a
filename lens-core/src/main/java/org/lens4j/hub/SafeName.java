package org.lens4j.hub;

import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** Decides whether a word that came from outside may become the name of a file on any system. */
final class SafeName {
    private static final int LONGEST = 255;
    private static final Pattern ALLOWED = Pattern.compile("[A-Za-z0-9_.+@=, ()-]+");
    private static final Set<String> RESERVED = Set.of(
            "con", "prn", "aux", "nul", "com1", "com2", "com3", "com4", "com5", "com6", "com7", "com8", "com9", "lpt1",
            "lpt2", "lpt3", "lpt4", "lpt5", "lpt6", "lpt7", "lpt8", "lpt9");

    private SafeName() {}

    /**
     * What is wrong with one segment of a path.
     *
     * @return the reason, a part of a sentence after "it"; empty if nothing is
     */
    static Optional<String> problem(String segment) {
        if (segment.isEmpty()) {
            return Optional.of("has an empty part");
        }
        if (segment.length() > LONGEST) {
            return Optional.of("has a part of more than %d characters".formatted(LONGEST));
        }
        if (segment.contains("..") || segment.equals(".")) {
            return Optional.of("leads to another folder (%s)".formatted(segment));
        }
        if (!ALLOWED.matcher(segment).matches()) {
            return Optional.of("has characters that are not letters, digits, '-', '_' or '.'");
        }
        if (segment.endsWith(".") || segment.endsWith(" ") || segment.startsWith(" ")) {
            return Optional.of("begins or ends with a blank, or ends with '.'");
        }
        int dot = segment.indexOf('.');
        String stem = (dot < 0 ? segment : segment.substring(0, dot)).toLowerCase(Locale.ROOT);
        if (RESERVED.contains(stem)) {
            return Optional.of("has a part that Windows reserves for a device (%s)".formatted(segment));
        }
        return Optional.empty();
    }

    /** What is wrong with a path of segments joined by {@code /}; empty if nothing is. */
    static Optional<String> problemOfPath(String path) {
        for (String segment : path.split("/", -1)) {
            Optional<String> problem = problem(segment);
            if (problem.isPresent()) {
                return problem;
            }
        }
        return Optional.empty();
    }
}
