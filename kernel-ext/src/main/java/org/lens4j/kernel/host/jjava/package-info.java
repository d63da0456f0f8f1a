/**
 * The adapter to JJava, which is built on {@code jjava-jupyter}. Written against its first published version and only what
 * later ones have kept; the rest is reached by reflection.
 *
 * <p>Reading order: {@link org.lens4j.kernel.host.jjava.JJavaKernel}, {@code JJavaCells}, {@link
 * org.lens4j.kernel.host.jjava.JJavaExtension}. May import {@code kernel.host}, {@code kernel.display} and {@code
 * jjava-jupyter}, which is there only inside JJava.
 */
@NullMarked
package org.lens4j.kernel.host.jjava;

import org.jspecify.annotations.NullMarked;
