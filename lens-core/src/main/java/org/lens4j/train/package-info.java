/** Small optimisation loops, and what they read: a vocabulary, its tokenizer.json, and rows of token ids.
 *
 * <p>Reading order: {@link org.lens4j.train.Vocabulary} (pieces of text and their ids),
 * {@link org.lens4j.train.TokenizerJson} (the same vocabulary as a Hugging Face file),
 * {@link org.lens4j.train.TokenRows} (documents to rows). The text itself comes from
 * {@code org.lens4j.train.english}. May import the packages of layers 0 to 4. */
@NullMarked
package org.lens4j.train;

import org.jspecify.annotations.NullMarked;
