/**
 * The adapter to IJava, which is built on {@code jupyter-jvm-basekernel}. IJava's own classes are not on Maven Central, so
 * what is special to it is reached by reflection.
 *
 * <p>Reading order: {@link org.lens4j.kernel.host.ijava.IJavaKernel}, {@code IJavaCells}. May import {@code kernel.host},
 * {@code kernel.display} and the base library.
 */
@NullMarked
package org.lens4j.kernel.host.ijava;

import org.jspecify.annotations.NullMarked;
