/**
 * Text to tokens and back, and what was really fed to the model.
 *
 * <p>Reading order: {@link org.lens4j.text.TokenLabels}, how a token is shown to a reader. May import error and config.
 */
@NullMarked
package org.lens4j.text;

import org.jspecify.annotations.NullMarked;
