/**
 * The command line: one class per verb. Start with {@link org.lens4j.cli.Main}, which lists the verbs; a new verb is a
 * new class beside {@link org.lens4j.cli.RunVerb} and one more word there.
 *
 * <p>May import every other package.
 */
@NullMarked
package org.lens4j.cli;

import org.jspecify.annotations.NullMarked;
