/**
 * A Jupyter client in plain Java: it starts a kernel process, runs cells in it and always ends it.
 *
 * <p>Reading order: {@link org.lens4j.kernel.client.KernelClient}, {@link org.lens4j.kernel.client.CellRun}, {@link
 * org.lens4j.kernel.client.Output}. May import ZeroMQ and Gson, and nothing else of Lens4J but {@code org.lens4j.error}.
 */
@NullMarked
package org.lens4j.kernel.client;

import org.jspecify.annotations.NullMarked;
