/**
 * The shape of a model as pure records. Start with {@link org.lens4j.config.ModelConfig}, then
 * {@link org.lens4j.config.Stacks}, which tells the classes of models apart.
 *
 * <p>May import error. No tensors here.
 */
@NullMarked
package org.lens4j.config;

import org.jspecify.annotations.NullMarked;
