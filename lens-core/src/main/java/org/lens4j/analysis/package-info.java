/**
 * What every analysis gives back: a {@link org.lens4j.analysis.Grid}, heap numbers with named, labelled axes. The
 * analyses themselves are in the packages below this one.
 *
 * <p>May import error, config, tensor, hook, weights, hub, text, family, process, model, load, cache, generate.
 */
@NullMarked
package org.lens4j.analysis;

import org.jspecify.annotations.NullMarked;
