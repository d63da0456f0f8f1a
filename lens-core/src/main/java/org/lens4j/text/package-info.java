/**
 * Text to tokens and back, and what was really fed to the model.
 *
 * <p>Start with {@link org.lens4j.text.Tokens}; {@link org.lens4j.text.TokenLabels} is how a token is shown to a reader.
 * May import error, tensor.
 */
@NullMarked
package org.lens4j.text;

import org.jspecify.annotations.NullMarked;
