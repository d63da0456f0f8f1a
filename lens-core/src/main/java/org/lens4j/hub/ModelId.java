package org.lens4j.hub;

import java.util.Optional;
import java.util.regex.Pattern;
import org.lens4j.error.UsageException;

/**
 * What a model is called on the hub: {@code org/name}, or a bare name for the oldest ones. A name is data, never a path: it
 * is checked before it becomes a folder of the cache or a part of an address.
 *
 * @param text the name as it is written on the hub, upper and lower case kept
 */
public record ModelId(String text) {
    private static final int LONGEST = 96;
    private static final Pattern FORM = Pattern.compile("(?:[\\w.-]+/)?[\\w.-]+");
    private static final Pattern EDGES = Pattern.compile("\\w(?:.*\\w)?");
    private static final String FOLDER = "models--";

    /**
     * Checks the name.
     *
     * @throws UsageException if it is not one; says what is wrong with it
     */
    public ModelId {
        Optional<String> problem = problem(text);
        if (problem.isPresent()) {
            throw new UsageException(
                    "\"%s\" cannot be the name of a model: it %s. Write org/name as on the hub, or the path of a directory."
                            .formatted(printable(text), problem.get()));
        }
    }

    private static Optional<String> problem(String text) {
        if (text.startsWith("/") || text.startsWith("~") || text.matches("[A-Za-z]:.*")) {
            return Optional.of("is an absolute path");
        }
        Optional<String> unsafe = SafeName.problemOfPath(text);
        if (unsafe.isPresent()) {
            return unsafe;
        }
        if (text.length() > LONGEST) {
            return Optional.of("has more than %d characters".formatted(LONGEST));
        }
        if (!FORM.matcher(text).matches()) {
            return Optional.of("is not of the form org/name");
        }
        for (String part : text.split("/", -1)) {
            if (!EDGES.matcher(part).matches()) {
                return Optional.of("has a part that begins or ends with '-' or '.'");
            }
        }
        return text.contains("--") || text.endsWith(".git")
                ? Optional.of("has \"--\" in it or ends with .git, which no model does")
                : Optional.empty();
    }

    private static String printable(String text) {
        String shown = text.length() > LONGEST ? text.substring(0, LONGEST) + "…" : text;
        return shown.replaceAll("\\p{Cntrl}", "?");
    }

    /** Whether a text is the name of a model. */
    static boolean isOne(String text) {
        return problem(text).isEmpty();
    }

    /** The last part: {@code gpt-neo-125M}. */
    public String name() {
        return text.substring(text.indexOf('/') + 1);
    }

    /** The folder in the cache: {@code models--EleutherAI--gpt-neo-125M}. */
    String folder() {
        return FOLDER + text.replace("/", "--");
    }

    /** The model whose folder this is; empty if the folder is not a model's. */
    static Optional<ModelId> ofFolder(String folder) {
        if (!folder.startsWith(FOLDER)) {
            return Optional.empty();
        }
        String text = folder.substring(FOLDER.length()).replaceFirst("--", "/");
        return isOne(text) ? Optional.of(new ModelId(text)) : Optional.empty();
    }

    /** The name. */
    @Override
    public String toString() {
        return text;
    }
}
