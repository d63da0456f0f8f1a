/** The command line: one class per verb. May import every other package. */
@NullMarked
package org.lens4j.cli;

import org.jspecify.annotations.NullMarked;
