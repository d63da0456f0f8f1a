/**
 * The catalogue of hook points, and the functions attached to them.
 *
 * <p>Reading order: {@link org.lens4j.hook.HookPoint} (the one place where a name, its axes and its switch are written
 * down), {@link org.lens4j.hook.HookCatalogue} (those a model has), {@link org.lens4j.hook.Stack} (which blocks, where a
 * model has two stacks), {@link org.lens4j.hook.Hooks} (what to do there), {@link org.lens4j.hook.Kept} (what functions
 * keep). May import error, config, tensor.
 */
@NullMarked
package org.lens4j.hook;

import org.jspecify.annotations.NullMarked;
