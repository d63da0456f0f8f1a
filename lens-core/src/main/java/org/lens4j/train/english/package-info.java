/** A small synthetic English to train the embedded model on, and held-out questions to test it with.
 *
 * <p>Reading order: {@link org.lens4j.train.english.SyntheticEnglish} (the mixture), then one class per kind of
 * sentence, {@link org.lens4j.train.english.IndirectObject} first. Imports no other package of Lens4J. */
@NullMarked
package org.lens4j.train.english;

import org.jspecify.annotations.NullMarked;
