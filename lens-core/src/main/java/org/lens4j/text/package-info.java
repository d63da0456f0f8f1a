/**
 * Text to tokens and back, and what was really fed to the model.
 *
 * <p>Start with {@link org.lens4j.text.Tokens}. May import error, tensor.
 */
@NullMarked
package org.lens4j.text;

import org.jspecify.annotations.NullMarked;
