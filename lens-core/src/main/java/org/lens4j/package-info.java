/** The public page of Lens4J: a handful of entry points. May import every other package. */
@NullMarked
package org.lens4j;

import org.jspecify.annotations.NullMarked;
