/**
 * From files to a model, with a report of what was done.
 *
 * <p>Reading order: {@link org.lens4j.load.Pretrained}, {@link org.lens4j.load.ParameterLoader},
 * {@link org.lens4j.load.LoadReport}. May import error, config, tensor, weights, hub, text, family, model.
 */
@NullMarked
package org.lens4j.load;

import org.jspecify.annotations.NullMarked;
