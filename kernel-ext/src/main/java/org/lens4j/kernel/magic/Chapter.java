package org.lens4j.kernel.magic;

import java.util.List;

/**
 * Magics that belong together, in the order one learns them.
 *
 * @param title what they are for
 * @param commands in order
 */
record Chapter(String title, List<Command> commands) {
    /** Copies the list. */
    Chapter {
        commands = List.copyOf(commands);
    }

    static Chapter of(String title, Command... commands) {
        return new Chapter(title, List.of(commands));
    }
}
