package org.lens4j.kernel.magic;

import org.lens4j.error.UsageException;

/** For magics that take options only. */
final class NoWords {
    private NoWords() {}

    static void check(String magic, Arguments arguments) {
        if (!arguments.words().isEmpty()) {
            throw new UsageException("%%%s takes options only, and was given %s. For another prompt write -p \"…\". %s"
                    .formatted(magic, arguments.words(), Arguments.seeHelp(magic)));
        }
    }
}
