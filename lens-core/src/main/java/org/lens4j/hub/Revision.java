package org.lens4j.hub;

import java.util.Optional;
import java.util.regex.Pattern;
import org.lens4j.error.UsageException;

/**
 * Which version of a model: a branch, a tag, or a commit.
 *
 * @param text as on the hub, {@code main} or {@code step143000} or 40 hexadecimal digits
 */
public record Revision(String text) {
    /** The branch a model has when nothing else is asked for. */
    public static final Revision MAIN = new Revision("main");

    private static final Pattern COMMIT = Pattern.compile("[0-9a-f]{40}");

    /**
     * Checks the text; it becomes a file name.
     *
     * @throws UsageException if it cannot be a branch, tag or commit
     */
    public Revision {
        Optional<String> problem = SafeName.problemOfPath(text);
        if (problem.isPresent()) {
            throw new UsageException(
                    "\"%s\" cannot be a revision: it %s. Give a branch, a tag or a commit of the model."
                            .formatted(text.replaceAll("\\p{Cntrl}", "?"), problem.get()));
        }
    }

    /** Whether this is a full commit, which never changes. */
    boolean isCommit() {
        return COMMIT.matcher(text).matches();
    }

    /** The text. */
    @Override
    public String toString() {
        return text;
    }
}
