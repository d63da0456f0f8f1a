/**
 * Every exception of the library. A message says, in this order: what was asked, what was found, the closest valid
 * names, what to do. Start with {@link org.lens4j.error.Explained}, then {@link org.lens4j.error.UnknownNameException}.
 *
 * <p>Imports nothing of this project.
 */
@NullMarked
package org.lens4j.error;

import org.jspecify.annotations.NullMarked;
