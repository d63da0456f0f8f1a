/**
 * The bundled Jupyter kernel, and Lens4J as a guest in others: the only package that knows a kernel.
 *
 * <p>Reading order: {@link org.lens4j.kernel.host.KernelMain}, {@link org.lens4j.kernel.host.BundledKernel}, {@link
 * org.lens4j.kernel.host.CellScanner} (what in a cell is Java and what is a magic), {@code Session} (runs the parts),
 * {@code JavaCells} (JShell), {@code LiveExecution} (real values and real exceptions), {@code Connection} and {@code
 * Outbox} (the sockets), {@link org.lens4j.kernel.host.KernelSpec} (its entry in Jupyter). For kernels that are not ours:
 * {@link org.lens4j.kernel.host.LensExtension}, {@link org.lens4j.kernel.host.ForeignKernel}, {@code Guest}, and one package
 * below this one for each. May import {@code
 * kernel.magic}, {@code kernel.display}, lens-core's {@code error} and {@code tensor}, the kernel base library, ZeroMQ and Gson.
 */
@NullMarked
package org.lens4j.kernel.host;

import org.jspecify.annotations.NullMarked;
