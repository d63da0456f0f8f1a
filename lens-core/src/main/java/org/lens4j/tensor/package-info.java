/**
 * The little this library adds to DJL's NDArray: who owns native memory ({@link org.lens4j.tensor.Scope}), what the axes
 * are called ({@link org.lens4j.tensor.Axes}) and what is taken of them ({@link org.lens4j.tensor.Slice}), how a checkpoint's layout becomes ours
 * ({@link org.lens4j.tensor.Rearrange}), and the operators DJL lacks ({@link org.lens4j.tensor.Kernels}), and
 * gradients ({@link org.lens4j.tensor.Autograd}).
 *
 * <p>May import error. Everything above asks this package for tensors that outlive a call: memory that Java wrapped is
 * copied into memory that libtorch owns.
 */
@NullMarked
package org.lens4j.tensor;

import org.jspecify.annotations.NullMarked;
