/**
 * What lives between cells: models, the prompt, caches. Everything a magic does is a public call here.
 *
 * <p>Start with {@link org.lens4j.kernel.session.LensSession}. Knows no kernel and no display; may import lens-core.
 */
@NullMarked
package org.lens4j.kernel.session;

import org.jspecify.annotations.NullMarked;
