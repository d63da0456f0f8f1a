/** Small optimisation loops, what they read, and the embedded model that they made.
 *
 * <p>Reading order: {@link org.lens4j.train.DemoModel} (a whole training on one page),
 * {@link org.lens4j.train.TrainableModel} (fresh parameters), {@link org.lens4j.train.TrainLoop},
 * {@link org.lens4j.train.Objective}, {@link org.lens4j.train.Adam}; then {@link org.lens4j.train.Vocabulary} (pieces of
 * text and their ids), {@link org.lens4j.train.TokenizerJson}, {@link org.lens4j.train.TokenRows}; last
 * {@link org.lens4j.train.DemoReport}, which measures the result. The text itself is in
 * {@code org.lens4j.train.english}. May import everything up to analysis. */
@NullMarked
package org.lens4j.train;

import org.jspecify.annotations.NullMarked;
