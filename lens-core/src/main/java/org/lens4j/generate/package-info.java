/**
 * Lets a model write: sampling, several prompts at once, hooks and steering vectors while it writes, each token told as it
 * comes.
 *
 * <p>Reading order: {@link org.lens4j.generate.Generation} (what it gives), {@link org.lens4j.generate.GenerateOptions},
 * {@link org.lens4j.generate.Sampler}, {@link org.lens4j.generate.Steering}, {@code Generating} (the loop), {@code Answering} (that of two stacks),
 * {@code WrittenText} (from tokens to text that shows no half characters). May import error, config, tensor, hook, text,
 * cache, model, load, analysis.
 */
@NullMarked
package org.lens4j.generate;

import org.jspecify.annotations.NullMarked;
