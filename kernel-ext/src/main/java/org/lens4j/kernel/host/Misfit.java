package org.lens4j.kernel.host;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.lens4j.error.Shortened;
import org.lens4j.error.UsageException;
import org.lens4j.kernel.magic.TypeNames;

/** A magic whose value went into a variable of another type: what Java says of it, in a notebook's words. */
final class Misfit {
    /** Java's message names the class that is there and the one that was wanted. */
    private static final Pattern CAST = Pattern.compile("(?s)class ([\\w.$]+) cannot be cast to class ([\\w.$]+).*");

    private static final Pattern ASSIGNED =
            Pattern.compile("(?:.*[\\s;{(])?([\\p{javaJavaIdentifierPart}]+)\\s*=\\s*(%([A-Za-z_][\\w-]*).*?);?");

    private Misfit() {}

    /**
     * What to say instead.
     *
     * @param line where it was thrown
     * @return empty where no magic was assigned there, or the exception is another one
     */
    static Optional<UsageException> of(Throwable thrown, String line) {
        Matcher cast = CAST.matcher(String.valueOf(thrown.getMessage()));
        Matcher assigned = ASSIGNED.matcher(line);
        if (!(thrown instanceof ClassCastException) || !cast.matches() || !assigned.matches()) {
            return Optional.empty();
        }
        return Optional.of(new UsageException("%%%s gives a value of type %s, and %s is of type %s. Write var %s = %s"
                .formatted(
                        assigned.group(3),
                        simple(cast.group(1)),
                        assigned.group(1),
                        simple(cast.group(2)),
                        assigned.group(1),
                        Shortened.of(assigned.group(2)))));
    }

    private static String simple(String name) {
        try {
            return TypeNames.simple(Class.forName(name, false, Misfit.class.getClassLoader()));
        } catch (ClassNotFoundException ofTheNotebook) {
            return name.substring(Math.max(name.lastIndexOf('.'), name.lastIndexOf('$')) + 1);
        }
    }
}
