/**
 * Checkpoint files, read safely: sizes, offsets and types are checked before anything is allocated, and nothing in a file
 * is ever run.
 *
 * <p>Start with {@link org.lens4j.weights.Checkpoint} and its three kinds: {@link org.lens4j.weights.Safetensors},
 * {@link org.lens4j.weights.TorchPickle} (read by {@code Unpickler}) and {@link org.lens4j.weights.Sharded}. Then
 * {@link org.lens4j.weights.FloatReader}, which makes tensors of them; {@link org.lens4j.weights.Parameters} is what a
 * model is made of. {@link org.lens4j.weights.SafetensorsWriter} writes whole tensors,
 * {@link org.lens4j.weights.SafetensorsRows} tables that grow. May import error, tensor.
 */
@NullMarked
package org.lens4j.weights;

import org.jspecify.annotations.NullMarked;
