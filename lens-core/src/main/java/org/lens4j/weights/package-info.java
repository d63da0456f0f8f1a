/**
 * Checkpoint files, read safely: sizes, offsets and types are checked before anything is allocated.
 *
 * <p>Start with {@link org.lens4j.weights.Safetensors}; {@link org.lens4j.weights.Parameters} is what a model is made of.
 * May import error, tensor.
 */
@NullMarked
package org.lens4j.weights;

import org.jspecify.annotations.NullMarked;
