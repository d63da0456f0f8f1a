/**
 * How a Java value looks in a notebook: one content per mime type, always with plain text.
 *
 * <p>Reading order: {@link org.lens4j.kernel.display.MimeBundle}, {@link org.lens4j.kernel.display.Shown}, {@link
 * org.lens4j.kernel.display.Displays}. Knows no kernel; may import lens-core and {@code
 * kernel.session}.
 */
@NullMarked
package org.lens4j.kernel.display;

import org.jspecify.annotations.NullMarked;
