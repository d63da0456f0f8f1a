/**
 * Where heads look.
 *
 * <p>Start with {@link org.lens4j.analysis.attention.AttentionPatterns}. May import analysis and everything it may import.
 */
@NullMarked
package org.lens4j.analysis.attention;

import org.jspecify.annotations.NullMarked;
