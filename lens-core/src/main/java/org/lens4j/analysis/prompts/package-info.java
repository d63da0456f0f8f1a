/**
 * Prompts: how a model answers one, and sets of prompt pairs that differ in one thing.
 *
 * <p>Reading order: {@link org.lens4j.analysis.prompts.TestedPrompt}, {@link org.lens4j.analysis.prompts.PromptPairs},
 * {@link org.lens4j.analysis.prompts.PairFile}, {@link org.lens4j.analysis.prompts.PromptTask} and the tasks ({@link org.lens4j.analysis.prompts.IndirectObjects},
 * {@link org.lens4j.analysis.prompts.Capitals}, {@link org.lens4j.analysis.prompts.GreaterThan},
 * {@link org.lens4j.analysis.prompts.Docstrings}), {@code Drafts} (from drawn text to pairs a tokenizer leaves equally long).
 * May import what {@link org.lens4j.analysis} may, and the packages below it.
 */
@NullMarked
package org.lens4j.analysis.prompts;

import org.jspecify.annotations.NullMarked;
