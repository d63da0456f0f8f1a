/**
 * One declarative file for each architecture family: rows that say which tensor of a checkpoint becomes which parameter of
 * ours and in what layout, and a function from config.json to {@link org.lens4j.config.ModelConfig}.
 *
 * <p>Reading order: {@link org.lens4j.family.Row}, {@link org.lens4j.family.Family}, then {@code Gpt2} as the example; {@code Bert}
 * and {@code T5} describe models with other stacks. May import error, config, tensor, weights.
 */
@NullMarked
package org.lens4j.family;

import org.jspecify.annotations.NullMarked;
