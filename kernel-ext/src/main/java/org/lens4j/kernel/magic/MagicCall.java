package org.lens4j.kernel.magic;

import java.util.List;
import java.util.Optional;

/**
 * One use of a magic in a cell.
 *
 * @param name the word after the percent signs
 * @param args the rest of the line, split by {@link MagicLine}
 * @param rest the rest of the line as it stood, without the blanks around it
 * @param body what follows the line of a {@code %%name}; empty for {@code %name}
 */
public record MagicCall(String name, List<String> args, String rest, Optional<String> body) {
    public MagicCall {
        args = List.copyOf(args);
    }

    /** A {@code %name} line. */
    public static MagicCall line(String name, String rest) {
        return new MagicCall(name, MagicLine.split(rest), rest.strip(), Optional.empty());
    }

    /** A {@code %%name} line with the body under it. */
    public static MagicCall cell(String name, String rest, String body) {
        return new MagicCall(name, MagicLine.split(rest), rest.strip(), Optional.of(body));
    }
}
