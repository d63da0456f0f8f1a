/**
 * From files to a model, with a report of what was done.
 *
 * <p>Reading order: {@link org.lens4j.load.Pretrained}, {@link org.lens4j.load.LoadOptions},
 * {@link org.lens4j.load.Loading} (one load from plan to check), {@link org.lens4j.load.ParameterLoader} (files to tensors),
 * {@link org.lens4j.load.LoadReport}. May import error, config, tensor, weights, hub, text, family, process, model.
 */
@NullMarked
package org.lens4j.load;

import org.jspecify.annotations.NullMarked;
